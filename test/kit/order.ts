import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Small files whose cases lie elsewhere, or whose processes take their time. */
const LONGER_THAN_THEY_LOOK = [
  'conversations',
  'bench/works',
  'cli/processes',
  'both-engines/people',
  'both-engines/messages',
].map((name) => `/test/${name}.test.ts`)

/** Where nothing ran before, as in every clean checkout, vitest begins with the largest files: these would begin last, and keep everybody waiting. */
export class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    const isLong = ({ moduleId }: TestSpecification) => LONGER_THAN_THEY_LOOK.some((name) => moduleId.endsWith(name))
    // Within a project: between two projects a process is not kept, and would read its modules again.
    return [...Map.groupBy(sorted, ({ project }) => project.name).values()].flatMap((some) => [
      ...some.filter(isLong),
      ...some.filter((file) => !isLong(file)),
    ])
  }
}
