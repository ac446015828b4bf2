import type { Catalogue } from './action.ts'
import { ADOPT_RUN, adoptRun } from './allocation/adopt.ts'
import { PLAN_RUN, planRun } from './allocation/plan.ts'
import { attendanceActions } from './attendance/actions.ts'
import { COUNT_RUN, countRun } from './broadcasts/draft.ts'
import { BROADCAST_RUN, beginBroadcast, broadcastRun, TAKE_BACK_RUN, takeBackRun } from './broadcasts/send.ts'
import { deploymentActions } from './deployments/actions.ts'
import { beginRelease, RELEASE_RUN, releaseRun } from './deployments/release.ts'
import { IMPORT_RUN, importRun } from './deployments/upload.ts'
import { jobsApply } from './jobs/apply.ts'
import { applicationsDecide } from './jobs/decide.ts'
import { DECIDE_RUN, decideRun } from './jobs/decide-many.ts'
import { applicationsList, applicationsRead, applicationsStatus, applicationsWithdraw } from './jobs/follow.ts'
import { jobsCodes, jobsOpen, jobsOthers, jobsRead } from './jobs/vacancy.ts'
import { beginRotation, ROTATE_RUN, rotateRun } from './keys/rotate.ts'
import { letterActions } from './letters/actions.ts'
import { beginNotice, NOTICE_RUN, noticeRun } from './notices/carry-out.ts'
import { counts } from './officers/confirm.ts'
import { VERIFY_RUN, verifyRun } from './officers/verify-trail.ts'
import type { OrderRules } from './orders/decide.ts'
import type { OrderKinds } from './orders/order.ts'
import { approvePay, payHindrance, payLook, refusePay } from './pay/approve.ts'
import { OUTCOME_RUN, outcomeRun } from './pay/import.ts'
import { CHECK_RUN, checkRun } from './pay/issues.ts'
import { payActions } from './pay/mine.ts'
import { PREPARE_RUN, prepareRun } from './pay/prepare.ts'
import { carryOutChange, changeHindrance, tellRefused } from './people/change-effect.ts'
import { declarationsAdd, declarationsDrop, declarationsList } from './people/declarations.ts'
import { erase, erasureHindrance } from './people/erase.ts'
import { formats as inputFormats } from './people/formats.ts'
import { homeOpen } from './people/home.ts'
import { languageSet } from './people/language.ts'
import { passwordReset } from './people/password.ts'
import { pinCheck, pinChoose, pinState } from './people/pin.ts'
import { alertsSet, profileGroup, profileNext, profileOpen, profileSave } from './people/profile.ts'
import { register } from './people/register.ts'
import { APPLY_RUN, applyRollRun, COMPARE_RUN, compareRun } from './people/roll-upload.ts'
import type { RunKinds } from './runs/run.ts'
import { alertsStart, alertsStop } from './sms/preference.ts'

/** Every action by the name that menus, keywords, pages and commands use. */
export const actions: Catalogue = {
  'home.open': homeOpen,
  'language.set': languageSet,
  'people.register': register,
  'pin.state': pinState,
  'pin.check': pinCheck,
  'pin.choose': pinChoose,
  'password.reset': passwordReset,
  'profile.open': profileOpen,
  'profile.group': profileGroup,
  'profile.next': profileNext,
  'profile.save': profileSave,
  'declarations.list': declarationsList,
  'declarations.add': declarationsAdd,
  'declarations.drop': declarationsDrop,
  'alerts.set': alertsSet,
  'alerts.stop': alertsStop,
  'alerts.start': alertsStart,
  'jobs.open': jobsOpen,
  'jobs.others': jobsOthers,
  'jobs.codes': jobsCodes,
  'jobs.read': jobsRead,
  'jobs.apply': jobsApply,
  'applications.list': applicationsList,
  'applications.read': applicationsRead,
  'applications.status': applicationsStatus,
  'applications.withdraw': applicationsWithdraw,
  'applications.decide': applicationsDecide,
  ...letterActions,
  ...deploymentActions,
  ...attendanceActions,
  ...payActions,
}

export const formats = inputFormats

/** Every kind of long work in the background. */
export const runKinds: RunKinds = {
  [IMPORT_RUN]: importRun,
  [PLAN_RUN]: planRun,
  [ADOPT_RUN]: adoptRun,
  [RELEASE_RUN]: releaseRun,
  [COMPARE_RUN]: compareRun,
  [APPLY_RUN]: applyRollRun,
  [DECIDE_RUN]: decideRun,
  [COUNT_RUN]: countRun,
  [BROADCAST_RUN]: broadcastRun,
  [TAKE_BACK_RUN]: takeBackRun,
  [VERIFY_RUN]: verifyRun,
  [CHECK_RUN]: checkRun,
  [PREPARE_RUN]: prepareRun,
  [OUTCOME_RUN]: outcomeRun,
  [NOTICE_RUN]: noticeRun,
  [ROTATE_RUN]: rotateRun,
}

/** What a second officer's yes sets going, by kind of order. */
export const orderKinds: OrderKinds = {
  publish: beginRelease,
  broadcast: beginBroadcast,
  bank: carryOutChange,
  phone: carryOutChange,
  erasure: erase,
  pay: approvePay,
  notice: beginNotice,
  keys: beginRotation,
}

/** All that an answer to an order brings with it. */
export const orderRules: OrderRules = {
  counts,
  kinds: orderKinds,
  refusals: { bank: tellRefused, phone: tellRefused, pay: refusePay },
  withdrawals: { pay: refusePay },
  hindrances: { bank: changeHindrance, phone: changeHindrance, erasure: erasureHindrance, pay: payHindrance },
  looks: { pay: payLook },
}
