import { deploymentsAccept, deploymentsDecline } from './answer.ts'
import { deploymentsMine, deploymentsRead } from './mine.ts'

export const deploymentActions = {
  'deployments.mine': deploymentsMine,
  'deployments.read': deploymentsRead,
  'deployments.accept': deploymentsAccept,
  'deployments.decline': deploymentsDecline,
}
