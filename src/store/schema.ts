import { type Kit, sqliteKit } from './kit.ts'

export type Language = 'en' | 'sw'
export type Qualification = 'certificate' | 'diploma' | 'degree' | 'postgraduate'
export type Role = 'supervisor' | 'invigilator' | 'examiner' | 'practical_examiner' | 'security' | 'driver'
export type ApplicationStatus = 'received' | 'nominated' | 'successful' | 'reserve' | 'unsuccessful' | 'withdrawn'
export type DeploymentStatus = 'draft' | 'released' | 'accepted' | 'declined' | 'revoked'
export type OfficerRole = 'clerk' | 'officer' | 'approver' | 'administrator' | 'auditor'
export type RunState = 'waiting' | 'running' | 'done' | 'failed' | 'stopped'
export type MessageClass = 'otp' | 'reply' | 'notice' | 'bulk'
/** How a deployment came about: assigned by a plan, brought by a file or typed, offered to a reserve, or taken on at the station itself. */
export type Origin = 'plan' | 'import' | 'reserve' | 'spot'
export type Mark = 'present' | 'late' | 'absent'
export type PayState = 'prepared' | 'approved' | 'sent' | 'paid' | 'returned'
export type MessageStatus = 'queued' | 'sending' | 'unknown' | 'sent' | 'unreported' | 'expired' | 'failed' | 'delivered'

/** Columns named `…Sealed` hold `v1.…` texts of the keyring; `…Index` blind indexes. Dates are `YYYY-MM-DD` in Africa/Nairobi. */
export const define = (c: Kit) => ({
  /** The council's roll: one row a vetted person, with or without an account. */
  people: c.table(
    'people',
    {
      id: c.text('id').primaryKey(),
      nationalIdSealed: c.text('national_id_sealed').notNull(),
      nationalIdIndex: c.text('national_id_index').notNull(),
      fullName: c.text('full_name').notNull(),
      msisdn: c.text('msisdn').notNull(),
      tscNumberSealed: c.text('tsc_number_sealed'),
      tscNumberIndex: c.text('tsc_number_index'),
      kraPinSealed: c.text('kra_pin_sealed'),
      qualification: c.text<Qualification>('qualification').notNull(),
      subjects: c.json<string[]>('subjects').notNull(),
      homeCounty: c.text('home_county').notNull(),
      homeSubCounty: c.text('home_sub_county').notNull(),
      workstationCode: c.text('workstation_code'),
      status: c.text<'vetted' | 'suspended'>('status').notNull(),
      at: c.time('at').notNull(),
    },
    (t) => [
      c.unique('people_national_id').on(t.nationalIdIndex),
      c.index('people_msisdn').on(t.msisdn),
      c.index('people_sub_county').on(t.homeCounty, t.homeSubCounty),
      c.index('people_tsc_number').on(t.tscNumberIndex),
      c.index('people_name').on(t.fullName, t.id),
    ],
  ),
  /** Each word of each name in plain small letters, so that an officer finds a person by the beginning of any of them, in their own county too. */
  nameWords: c.table(
    'name_words',
    {
      word: c.text('word').notNull(),
      personId: c.text('person_id').notNull(),
      /** Of the person; empty in rows of an older version until they are filled in. */
      county: c.text('county').notNull().default(''),
    },
    (t) => [
      c.primary({ columns: [t.word, t.personId] }),
      c.index('name_words_person').on(t.personId, t.word),
      c.index('name_words_county').on(t.county, t.word, t.personId),
    ],
  ),
  accounts: c.table(
    'accounts',
    {
      personId: c.text('person_id').primaryKey(),
      msisdn: c.text('msisdn').notNull(),
      /** The password that the person chose for the portal; null before. */
      passwordHash: c.text('password_hash'),
      /** The one-time password from the SMS, good until `oneTimeUntil` and once. A chosen password stays good beside it. */
      oneTimeHash: c.text('one_time_hash'),
      oneTimeUntil: c.time('one_time_until'),
      pinHash: c.text('pin_hash'),
      alerts: c.bool('alerts').notNull(),
      createdAt: c.time('created_at').notNull(),
    },
    (t) => [c.unique('accounts_msisdn').on(t.msisdn), c.index('accounts_created').on(t.createdAt)],
  ),
  /** A phone number and what it prefers, whoever holds it. */
  subscribers: c.table('subscribers', {
    msisdn: c.text('msisdn').primaryKey(),
    language: c.text<Language>('language').notNull(),
    stoppedAt: c.time('stopped_at'),
  }),
  profileFields: c.table(
    'profile_fields',
    {
      personId: c.text('person_id').notNull(),
      field: c.text('field').notNull(),
      valueSealed: c.text('value_sealed').notNull(),
      at: c.time('at').notNull(),
    },
    (t) => [c.primary({ columns: [t.personId, t.field] })],
  ),
  /** The rules of one exam series, as data; see jobs/rules.ts for their shape. */
  series: c.table('series', {
    exam: c.text('exam').primaryKey(),
    rules: c.json<unknown>('rules').notNull(),
    version: c.int('version').notNull(),
    at: c.time('at').notNull(),
  }),
  /** Every version that the rules of a series ever had, so that a decision can be read by the rules that it was made under. */
  seriesVersions: c.table(
    'series_versions',
    {
      exam: c.text('exam').notNull(),
      version: c.int('version').notNull(),
      rules: c.json<unknown>('rules').notNull(),
      by: c.text('by').notNull(),
      at: c.time('at').notNull(),
    },
    (t) => [c.primary({ columns: [t.exam, t.version] })],
  ),
  stations: c.table(
    'stations',
    {
      centreCode: c.text('centre_code').primaryKey(),
      name: c.text('name').notNull(),
      county: c.text('county').notNull(),
      subCounty: c.text('sub_county').notNull(),
      latitude: c.real('latitude'),
      longitude: c.real('longitude'),
      candidates: c.int('candidates').notNull(),
    },
    (t) => [c.index('stations_sub_county').on(t.county, t.subCounty)],
  ),
  jobs: c.table(
    'jobs',
    {
      code: c.text('code').primaryKey(),
      /** The code as people may type it: upper case, letters and digits only. */
      codeKey: c.text('code_key').notNull(),
      title: c.text('title').notNull(),
      titleSw: c.text('title_sw').notNull(),
      exam: c.text('exam').notNull(),
      role: c.text<Role>('role').notNull(),
      opensOn: c.text('opens_on').notNull(),
      closesOn: c.text('closes_on').notNull(),
      startsOn: c.text('starts_on').notNull(),
      endsOn: c.text('ends_on').notNull(),
      minQualification: c.text<Qualification>('min_qualification'),
      subjects: c.json<string[]>('subjects').notNull(),
      county: c.text('county'),
      places: c.int('places'),
      /** How many were decided successful; never more than `places`. */
      taken: c.int('taken').notNull(),
      dailyRateKes: c.int('daily_rate_kes').notNull(),
      closedAt: c.time('closed_at'),
      /** Written by an officer and not published yet: nobody else sees it. */
      draft: c.bool('draft').notNull().default(false),
      changedAt: c.time('changed_at').notNull().default(0),
      /** How often the exam was put on other days: a deployment with a smaller number has not followed yet. */
      calendar: c.int('calendar').notNull().default(0),
    },
    (t) => [c.unique('jobs_code_key').on(t.codeKey), c.index('jobs_closes').on(t.closesOn)],
  ),
  applications: c.table(
    'applications',
    {
      id: c.text('id').primaryKey(),
      reference: c.text('reference').notNull(),
      personId: c.text('person_id').notNull(),
      jobCode: c.text('job_code').notNull(),
      /** Of the person, repeated here so that an officer's own part of a long table is read off an index. */
      county: c.text('county').notNull(),
      subCounty: c.text('sub_county').notNull(),
      status: c.text<ApplicationStatus>('status').notNull(),
      /** The version of the series' rules by which it was last decided. */
      rulesVersion: c.int('rules_version'),
      /** Why an officer left this person out: a code with words in menus/words.yaml. */
      leftOut: c.text('left_out'),
      at: c.time('at').notNull(),
      changedAt: c.time('changed_at').notNull(),
    },
    (t) => [
      c.unique('applications_reference').on(t.reference),
      c.unique('applications_once').on(t.personId, t.jobCode),
      c.index('applications_job').on(t.jobCode, t.status, t.at, t.id),
      c.index('applications_county').on(t.county, t.status, t.at, t.id),
      c.index('applications_status').on(t.status, t.at, t.id),
      c.index('applications_at').on(t.at, t.id),
    ],
  ),
  deployments: c.table(
    'deployments',
    {
      id: c.text('id').primaryKey(),
      personId: c.text('person_id').notNull(),
      jobCode: c.text('job_code').notNull(),
      centreCode: c.text('centre_code').notNull(),
      /** Of the station, repeated here so that an officer's own part of a long table is read off an index. */
      county: c.text('county').notNull(),
      reportOn: c.text('report_on').notNull(),
      reportAt: c.text('report_at').notNull(),
      status: c.text<DeploymentStatus>('status').notNull(),
      reasonSealed: c.text('reason_sealed'),
      /** The version of the newest letter; 0 before the first. */
      letterVersion: c.int('letter_version').notNull(),
      changedAt: c.time('changed_at').notNull(),
      origin: c.text<Origin>('origin').notNull().default('import'),
      /** Which of the station's places for this job it is, from 1; kept when the place is given up, so that officers see who had it. */
      seat: c.int('seat'),
      /** `job:centre:seat` for as long as the place is held, and null from then on: one unique key is what no two people can have. */
      held: c.text('held'),
      /** Until when an answer is awaited, milliseconds since 1970; null: until the reporting day. */
      answerBy: c.time('answer_by'),
      /** When whoever has not answered by then is reminded; null: never, or it was done. */
      remindAt: c.time('remind_at'),
      /** The deployment whose place this one took over. */
      offeredFrom: c.text('offered_from'),
      /** The version of the series' rules by which it was made. */
      rulesVersion: c.int('rules_version'),
      /** From the workstation, as the crow flies. */
      metres: c.int('metres'),
      /** The officer who agreed that somebody taken on at the station may be paid. */
      confirmedBy: c.text('confirmed_by'),
      /** The job's `calendar` by which `reportOn` was set. */
      calendar: c.int('calendar').notNull().default(0),
    },
    (t) => [
      c.unique('deployments_held').on(t.held),
      c.index('deployments_answer').on(t.status, t.answerBy),
      c.index('deployments_remind').on(t.status, t.remindAt),
      c.index('deployments_place').on(t.jobCode, t.centreCode, t.seat),
      c.unique('deployments_once').on(t.personId, t.jobCode),
      c.index('deployments_job').on(t.jobCode, t.status, t.id),
      c.index('deployments_job_day').on(t.jobCode, t.status, t.reportOn, t.id),
      c.index('deployments_job_county').on(t.jobCode, t.county, t.status),
      c.index('deployments_status').on(t.status, t.reportOn, t.id),
      c.index('deployments_county').on(t.county, t.status, t.reportOn, t.id),
      c.index('deployments_centre').on(t.centreCode, t.id),
    ],
  ),
  letters: c.table(
    'letters',
    {
      id: c.text('id').primaryKey(),
      deploymentId: c.text('deployment_id').notNull(),
      personId: c.text('person_id').notNull(),
      reference: c.text('reference').notNull(),
      version: c.int('version').notNull(),
      factsSealed: c.text('facts_sealed').notNull(),
      /** The random half of the code printed on the letter; the other half is its MAC and stored nowhere. */
      verifyId: c.text('verify_id').notNull(),
      issuedAt: c.time('issued_at').notNull(),
      revokedAt: c.time('revoked_at'),
      revokedWhy: c.text<'replaced' | 'revoked'>('revoked_why'),
    },
    (t) => [
      c.unique('letters_version').on(t.deploymentId, t.version),
      c.unique('letters_verify').on(t.verifyId),
      c.index('letters_person').on(t.personId),
    ],
  ),
  links: c.table(
    'links',
    {
      /** The random half of the code in the SMS. */
      id: c.text('id').primaryKey(),
      letterId: c.text('letter_id').notNull(),
      expiresAt: c.time('expires_at').notNull(),
      downloadsLeft: c.int('downloads_left').notNull(),
      triesLeft: c.int('tries_left').notNull(),
      madeAt: c.time('made_at').notNull(),
    },
    (t) => [c.index('links_letter').on(t.letterId)],
  ),
  outbox: c.table(
    'outbox',
    {
      id: c.text('id').primaryKey(),
      /** What makes this message the same message: a second one with it is not written. */
      dedupe: c.text('dedupe').notNull(),
      msisdn: c.text('msisdn').notNull(),
      personId: c.text('person_id'),
      class: c.text<MessageClass>('class').notNull(),
      /** 0 one-time password, 1 reply, 2 notice, 3 bulk: lower goes first. */
      rank: c.int('rank').notNull(),
      bodySealed: c.text('body_sealed').notNull(),
      segments: c.int('segments').notNull(),
      status: c.text<MessageStatus>('status').notNull(),
      dueAt: c.time('due_at').notNull(),
      expiresAt: c.time('expires_at').notNull(),
      leaseUntil: c.time('lease_until').notNull(),
      tries: c.int('tries').notNull(),
      /** How often nobody could say whether it was sent. */
      losses: c.int('losses').notNull().default(0),
      providerId: c.text('provider_id'),
      reason: c.text('reason'),
      cost: c.text('cost'),
      createdAt: c.time('created_at').notNull(),
      changedAt: c.time('changed_at').notNull(),
    },
    (t) => [
      c.unique('outbox_dedupe').on(t.dedupe),
      c.index('outbox_due').on(t.status, t.rank, t.dueAt),
      c.index('outbox_provider').on(t.providerId),
      c.index('outbox_msisdn').on(t.msisdn, t.createdAt),
      c.index('outbox_person').on(t.personId, t.createdAt),
      c.index('outbox_created').on(t.createdAt, t.class, t.status, t.segments),
    ],
  ),
  /** Delivery reports as they came, whether or not a message was found for them. */
  reports: c.table(
    'reports',
    {
      id: c.text('id').primaryKey(),
      providerId: c.text('provider_id').notNull(),
      msisdn: c.text('msisdn').notNull(),
      status: c.text('status').notNull(),
      reason: c.text('reason'),
      at: c.time('at').notNull(),
    },
    (t) => [c.index('reports_provider').on(t.providerId)],
  ),
  inbound: c.table(
    'inbound',
    {
      /** The gateway's own id. */
      id: c.text('id').primaryKey(),
      msisdn: c.text('msisdn').notNull(),
      bodySealed: c.text('body_sealed').notNull(),
      keyword: c.text('keyword'),
      outcome: c.text('outcome'),
      at: c.time('at').notNull(),
      /** The officer who answered a message that no keyword fitted, or put it aside. */
      answeredBy: c.text('answered_by'),
      answeredAt: c.time('answered_at'),
    },
    (t) => [c.index('inbound_msisdn').on(t.msisdn, t.at), c.index('inbound_keyword').on(t.keyword, t.answeredAt, t.at)],
  ),
  sessions: c.table(
    'sessions',
    {
      id: c.text('id').primaryKey(),
      msisdn: c.text('msisdn').notNull(),
      serviceCode: c.text('service_code').notNull(),
      /** Keyed digest and length of the last transcript that was answered; the transcript itself may hold a PIN. */
      digest: c.text('digest').notNull(),
      length: c.int('length').notNull(),
      screen: c.text('screen').notNull(),
      stateSealed: c.text('state_sealed').notNull(),
      open: c.bool('open').notNull(),
      startedAt: c.time('started_at').notNull(),
      at: c.time('at').notNull(),
    },
    (t) => [c.index('sessions_msisdn').on(t.msisdn, t.at), c.index('sessions_at').on(t.at, t.screen)],
  ),
  /** Every answer of a session by its transcript, so that a repeated callback gets the same bytes. */
  hops: c.table(
    'hops',
    {
      sessionId: c.text('session_id').notNull(),
      digest: c.text('digest').notNull(),
      replySealed: c.text('reply_sealed').notNull(),
      screen: c.text('screen').notNull(),
      at: c.time('at').notNull(),
    },
    (t) => [c.primary({ columns: [t.sessionId, t.digest] }), c.index('hops_at').on(t.at, t.screen)],
  ),
  limits: c.table('limits', {
    key: c.text('key').primaryKey(),
    count: c.int('count').notNull(),
    until: c.time('until').notNull(),
  }),
  /** Wrong tries at a secret: a PIN, a password, a code. */
  guesses: c.table('guesses', {
    key: c.text('key').primaryKey(),
    tries: c.int('tries').notNull(),
    lockedUntil: c.time('locked_until').notNull(),
  }),
  counters: c.table('counters', {
    name: c.text('name').primaryKey(),
    n: c.int('n').notNull(),
  }),
  /**
   * What one process does for all of them. A role (sending) has a holder for as long as it renews: `fence` counts its holders.
   * A task by the clock has one while it runs: `fence` is the moment it runs for, milliseconds since 1970.
   */
  leases: c.table('leases', {
    name: c.text('name').primaryKey(),
    /** A random name of the process; null when it was given back. */
    holder: c.text('holder'),
    fence: c.time('fence').notNull(),
    until: c.time('until').notNull(),
  }),
  /** Facts about this database itself: that its keys fit, that the demonstration was loaded. */
  facts: c.table('facts', { name: c.text('name').primaryKey(), value: c.text('value').notNull() }),
  audit: c.table(
    'audit',
    {
      id: c.text('id').primaryKey(),
      at: c.time('at').notNull(),
      actor: c.text('actor').notNull(),
      via: c.text('via').notNull(),
      action: c.text('action').notNull(),
      subject: c.text('subject'),
      outcome: c.text('outcome').notNull(),
      detail: c.json<Record<string, string | number>>('detail'),
    },
    (t) => [
      c.index('audit_at').on(t.at, t.id),
      c.index('audit_subject').on(t.subject, t.at),
      c.index('audit_actor').on(t.actor, t.at),
      c.index('audit_action').on(t.action, t.at),
    ],
  ),
  /** The audit trail in its order, each link made with a key from the link before: what is changed or taken out shows. */
  auditChain: c.table(
    'audit_chain',
    { n: c.int('n').primaryKey(), auditId: c.text('audit_id').notNull(), mac: c.text('mac').notNull() },
    (t) => [c.unique('audit_chain_row').on(t.auditId)],
  ),
  /** Whose data each file held that somebody took away, in parts, and each page that an officer saw: written before it left. `exportId` is the subject of its audit row. */
  exported: c.table(
    'exported',
    {
      exportId: c.text('export_id').notNull(),
      part: c.int('part').notNull(),
      at: c.time('at').notNull(),
      /** Row ids, nothing else. */
      people: c.json<string[]>('people').notNull(),
    },
    (t) => [c.primary({ columns: [t.exportId, t.part] }), c.index('exported_at').on(t.at)],
  ),
  /** People about whom nothing may be forgotten for now: a court, an inquiry, a dispute. */
  legalHolds: c.table(
    'legal_holds',
    {
      id: c.text('id').primaryKey(),
      personId: c.text('person_id').notNull(),
      reasonSealed: c.text('reason_sealed').notNull(),
      by: c.text('by').notNull(),
      at: c.time('at').notNull(),
      /** The person's id for as long as it holds: one at a time. */
      live: c.text('live'),
      releasedBy: c.text('released_by'),
      releasedAt: c.time('released_at'),
    },
    (t) => [c.unique('legal_holds_live').on(t.live), c.index('legal_holds_person').on(t.personId)],
  ),

  // The web faces.
  officers: c.table(
    'officers',
    {
      id: c.text('id').primaryKey(),
      username: c.text('username').notNull(),
      name: c.text('name').notNull(),
      role: c.text<OfficerRole>('role').notNull(),
      /** Empty: the whole nation. */
      counties: c.json<string[]>('counties').notNull(),
      /** Whose people this officer vets and nominates; empty: those of all their counties. */
      subCounties: c.json<string[]>('sub_counties').notNull().default([]),
      passwordHash: c.text('password_hash'),
      totpSealed: c.text('totp_sealed'),
      /** The last 30-second step that was used: a code is good once. */
      totpStep: c.int('totp_step').notNull().default(0),
      /** Blind index of the one-time link by which the officer sets password and TOTP. */
      inviteIndex: c.text('invite_index'),
      inviteUntil: c.time('invite_until'),
      /** Since when this officer counts as one of the two people of an order; null: a second administrator is still to confirm them. */
      confirmedAt: c.time('confirmed_at'),
      /** Which officers invited them or gave them more since they were last confirmed, and when: none of these confirms them. */
      broughtIn: c.json<{ by: string; at: number }[]>('brought_in').notNull().default([]),
      active: c.bool('active').notNull().default(true),
      at: c.time('at').notNull(),
    },
    (t) => [c.unique('officers_username').on(t.username), c.unique('officers_invite').on(t.inviteIndex)],
  ),
  /** Who is logged in on a web face. The row's id is a digest of what the cookie holds. */
  webSessions: c.table(
    'web_sessions',
    {
      id: c.text('id').primaryKey(),
      face: c.text<'portal' | 'console'>('face').notNull(),
      /** A person's or an officer's id. */
      holder: c.text('holder').notNull(),
      /** How far the login has come: `in`, or what is still asked for. */
      stage: c.text('stage').notNull(),
      /** The browser in words: `Chrome, Android`. */
      device: c.text('device').notNull(),
      startedAt: c.time('started_at').notNull(),
      seenAt: c.time('seen_at').notNull(),
      expiresAt: c.time('expires_at').notNull(),
    },
    (t) => [c.index('web_sessions_holder').on(t.face, t.holder), c.index('web_sessions_expires').on(t.expiresAt)],
  ),
  /** Browsers from which a person has proven their number once. The id is a digest of the cookie. */
  devices: c.table(
    'devices',
    {
      id: c.text('id').primaryKey(),
      personId: c.text('person_id').notNull(),
      label: c.text('label').notNull(),
      at: c.time('at').notNull(),
      seenAt: c.time('seen_at').notNull(),
    },
    (t) => [c.index('devices_person').on(t.personId)],
  ),
  /** A code that was sent by SMS and waits to be typed on the web: one at a time for each person and purpose. */
  challenges: c.table(
    'challenges',
    {
      personId: c.text('person_id').notNull(),
      purpose: c.text('purpose').notNull(),
      codeDigest: c.text('code_digest').notNull(),
      triesLeft: c.int('tries_left').notNull(),
      expiresAt: c.time('expires_at').notNull(),
    },
    (t) => [c.primary({ columns: [t.personId, t.purpose] })],
  ),
  /** When the SIM of a number was changed, as far as the gateway says; asked after a new password, see people/sim-swap.ts. */
  simSwaps: c.table(
    'sim_swaps',
    {
      msisdn: c.text('msisdn').primaryKey(),
      resetAt: c.time('reset_at').notNull(),
      state: c.text<'due' | 'asked' | 'unchanged' | 'changed' | 'unknown' | 'cleared'>('state').notNull(),
      /** The gateway's own id of the question. */
      requestId: c.text('request_id'),
      swappedOn: c.text('swapped_on'),
      clearedBy: c.text('cleared_by'),
      changedAt: c.time('changed_at').notNull(),
    },
    (t) => [c.index('sim_swaps_state').on(t.state, t.resetAt), c.unique('sim_swaps_request').on(t.requestId)],
  ),
  /** Certificates that people uploaded; the sealed bytes lie in a folder that nothing serves. */
  documents: c.table(
    'documents',
    {
      id: c.text('id').primaryKey(),
      personId: c.text('person_id').notNull(),
      label: c.text('label').notNull(),
      type: c.text<'pdf' | 'jpeg'>('type').notNull(),
      bytes: c.int('bytes').notNull(),
      at: c.time('at').notNull(),
    },
    (t) => [c.index('documents_person').on(t.personId)],
  ),
  /** What takes effect only when a second person agrees: releasing letters, a broadcast, a new bank account or number. */
  orders: c.table(
    'orders',
    {
      id: c.text('id').primaryKey(),
      kind: c.text<'publish' | 'broadcast' | 'bank' | 'phone' | 'erasure' | 'pay' | 'notice' | 'keys'>('kind').notNull(),
      /** Whom or what it is about: a person's id, a job's code. */
      subject: c.text('subject'),
      county: c.text('county'),
      inputSealed: c.text('input_sealed').notNull(),
      /** What the second person sees and agrees to: counts, cost, never anything personal. */
      summary: c.json<Record<string, string | number>>('summary').notNull(),
      /** Digest of exactly what was shown: an order whose facts have changed since must be asked for again. */
      digest: c.text('digest').notNull(),
      state: c.text<'asked' | 'approved' | 'refused' | 'cancelled' | 'done'>('state').notNull(),
      askedBy: c.text('asked_by').notNull(),
      askedAt: c.time('asked_at').notNull(),
      decidedBy: c.text('decided_by'),
      decidedAt: c.time('decided_at'),
      /** Not before. */
      effectAt: c.time('effect_at').notNull(),
      runId: c.text('run_id'),
    },
    (t) => [c.index('orders_state').on(t.state, t.kind, t.askedAt), c.index('orders_subject').on(t.subject, t.kind)],
  ),
  /** Long work in the background: it shows how far it is, can be stopped, and goes on after a restart. */
  runs: c.table(
    'runs',
    {
      id: c.text('id').primaryKey(),
      kind: c.text('kind').notNull(),
      inputSealed: c.text('input_sealed').notNull(),
      state: c.text<RunState>('state').notNull(),
      /** Where the next slice begins; written in the same unit as the slice before. */
      cursor: c.text('cursor'),
      done: c.int('done').notNull(),
      of: c.int('of'),
      tally: c.json<Record<string, number>>('tally').notNull(),
      why: c.text('why'),
      lease: c.text('lease'),
      leaseUntil: c.time('lease_until').notNull(),
      by: c.text('by').notNull(),
      at: c.time('at').notNull(),
      changedAt: c.time('changed_at').notNull(),
    },
    (t) => [c.index('runs_state').on(t.state, t.at), c.index('runs_by').on(t.by, t.at)],
  ),
  /** Filters of a table that an officer keeps by name. */
  views: c.table(
    'views',
    {
      id: c.text('id').primaryKey(),
      officerId: c.text('officer_id').notNull(),
      page: c.text('page').notNull(),
      name: c.text('name').notNull(),
      query: c.text('query').notNull(),
    },
    (t) => [c.unique('views_name').on(t.officerId, t.page, t.name)],
  ),
  /** How often each screen was shown on a day, and how often a call ended there without an end. */
  traffic: c.table(
    'traffic',
    {
      day: c.text('day').notNull(),
      screen: c.text('screen').notNull(),
      shown: c.int('shown').notNull(),
      left: c.int('left').notNull(),
    },
    (t) => [c.primary({ columns: [t.day, t.screen] })],
  ),

  // Deploying a national exam.
  /** Stations where a person has a relation or another interest, by their own declaration: they are not sent there. */
  declarations: c.table(
    'declarations',
    {
      personId: c.text('person_id').notNull(),
      centreCode: c.text('centre_code').notNull(),
      why: c.text<'relation' | 'interest'>('why').notNull(),
      at: c.time('at').notNull(),
    },
    (t) => [c.primary({ columns: [t.personId, t.centreCode] })],
  ),
  /** Who answers for a station: they mark who reported, by USSD with a PIN of their own. */
  heads: c.table(
    'heads',
    {
      centreCode: c.text('centre_code').primaryKey(),
      name: c.text('name').notNull(),
      msisdn: c.text('msisdn').notNull(),
      pinHash: c.text('pin_hash'),
      /** The one-time PIN that was sent by SMS, until the head chooses their own. */
      oneTimeHash: c.text('one_time_hash'),
      oneTimeUntil: c.time('one_time_until'),
      at: c.time('at').notNull(),
    },
    (t) => [c.index('heads_msisdn').on(t.msisdn)],
  ),
  /** A proposal of who goes where for one job. Nothing of it counts before it is adopted as drafts. */
  plans: c.table(
    'plans',
    {
      id: c.text('id').primaryKey(),
      jobCode: c.text('job_code').notNull(),
      state: c.text<'solving' | 'ready' | 'adopted' | 'failed'>('state').notNull(),
      rulesVersion: c.int('rules_version').notNull(),
      /** Digest of all that it was made from: the same digest gives the same plan. */
      digest: c.text('digest').notNull(),
      /** See allocation/plan.ts for its shape. */
      summary: c.json<Record<string, number>>('summary').notNull(),
      by: c.text('by').notNull(),
      at: c.time('at').notNull(),
      changedAt: c.time('changed_at').notNull(),
    },
    (t) => [c.index('plans_job').on(t.jobCode, t.at)],
  ),
  placements: c.table(
    'placements',
    {
      planId: c.text('plan_id').notNull(),
      personId: c.text('person_id').notNull(),
      centreCode: c.text('centre_code').notNull(),
      seat: c.int('seat').notNull(),
      county: c.text('county').notNull(),
      metres: c.int('metres').notNull(),
      /** `kept`: released before this plan was made; `hand`: an officer's own choice. */
      kind: c.text<'new' | 'kept' | 'hand'>('kind').notNull(),
      /** Something that an officer should look at: see allocation/warnings.ts. */
      warning: c.text('warning'),
    },
    (t) => [
      c.primary({ columns: [t.planId, t.personId] }),
      c.unique('placements_seat').on(t.planId, t.centreCode, t.seat),
      c.index('placements_county').on(t.planId, t.county, t.centreCode, t.seat),
      c.index('placements_warning').on(t.planId, t.warning),
    ],
  ),
  /** What a plan needs at each station, how much of it is filled, and why the rest is not. */
  planNeeds: c.table(
    'plan_needs',
    {
      planId: c.text('plan_id').notNull(),
      centreCode: c.text('centre_code').notNull(),
      county: c.text('county').notNull(),
      need: c.int('need').notNull(),
      filled: c.int('filled').notNull(),
      reason: c.text('reason'),
    },
    (t) => [c.primary({ columns: [t.planId, t.centreCode] }), c.index('plan_needs_county').on(t.planId, t.county, t.reason)],
  ),
  planReserves: c.table(
    'plan_reserves',
    {
      planId: c.text('plan_id').notNull(),
      personId: c.text('person_id').notNull(),
      county: c.text('county').notNull(),
      subCounty: c.text('sub_county').notNull(),
      rank: c.int('rank').notNull(),
    },
    (t) => [
      c.primary({ columns: [t.planId, t.personId] }),
      c.index('plan_reserves_sub_county').on(t.planId, t.county, t.subCounty, t.rank),
    ],
  ),
  /** Who is asked when a place falls free, by sub-county, the first rank first. */
  reserves: c.table(
    'reserves',
    {
      jobCode: c.text('job_code').notNull(),
      personId: c.text('person_id').notNull(),
      county: c.text('county').notNull(),
      subCounty: c.text('sub_county').notNull(),
      rank: c.int('rank').notNull(),
      state: c.text<'waiting' | 'offered'>('state').notNull(),
      changedAt: c.time('changed_at').notNull(),
    },
    (t) => [
      c.primary({ columns: [t.jobCode, t.personId] }),
      c.index('reserves_sub_county').on(t.jobCode, t.state, t.county, t.subCounty, t.rank),
    ],
  ),
  /** A place that somebody gave up. It is offered at once; where nobody can be asked it stays open, and is tried again. */
  openings: c.table(
    'openings',
    {
      /** The deployment that ended. */
      id: c.text('id').primaryKey(),
      jobCode: c.text('job_code').notNull(),
      centreCode: c.text('centre_code').notNull(),
      county: c.text('county').notNull(),
      seat: c.int('seat').notNull(),
      why: c.text<'declined' | 'silent' | 'revoked'>('why').notNull(),
      state: c.text<'open' | 'offered' | 'closed'>('state').notNull(),
      at: c.time('at').notNull(),
      changedAt: c.time('changed_at').notNull(),
    },
    (t) => [c.index('openings_state').on(t.state, t.jobCode, t.county, t.at)],
  ),
  /** Who reported on which day, from the rehearsal on. */
  attendance: c.table(
    'attendance',
    {
      deploymentId: c.text('deployment_id').notNull(),
      day: c.text('day').notNull(),
      jobCode: c.text('job_code').notNull(),
      centreCode: c.text('centre_code').notNull(),
      county: c.text('county').notNull(),
      mark: c.text<Mark>('mark').notNull(),
      /** `head`, `self` (with the day's code) or an officer's name. */
      by: c.text('by').notNull(),
      at: c.time('at').notNull(),
      disputedAt: c.time('disputed_at'),
      disputeSealed: c.text('dispute_sealed'),
      settledBy: c.text('settled_by'),
      /** The version of the series' rules by which somebody who checked in was on time or late; null where a person decided. */
      rulesVersion: c.int('rules_version'),
    },
    (t) => [
      c.primary({ columns: [t.deploymentId, t.day] }),
      c.index('attendance_job').on(t.jobCode, t.day, t.county, t.mark),
      c.index('attendance_centre').on(t.centreCode, t.day),
      c.index('attendance_disputed').on(t.settledBy, t.disputedAt),
    ],
  ),
  /** A list of payments of one job: prepared by one officer, approved by another. */
  paylists: c.table(
    'paylists',
    {
      id: c.text('id').primaryKey(),
      jobCode: c.text('job_code').notNull(),
      state: c.text<'preparing' | 'prepared' | 'approved' | 'sent' | 'refused'>('state').notNull(),
      lines: c.int('lines').notNull(),
      totalKes: c.int('total_kes').notNull(),
      controlSum: c.text('control_sum').notNull(),
      rulesVersion: c.int('rules_version').notNull(),
      by: c.text('by').notNull(),
      at: c.time('at').notNull(),
      changedAt: c.time('changed_at').notNull(),
    },
    (t) => [c.index('paylists_job').on(t.jobCode, t.at)],
  ),
  payLines: c.table(
    'pay_lines',
    {
      id: c.text('id').primaryKey(),
      listId: c.text('list_id').notNull(),
      deploymentId: c.text('deployment_id').notNull(),
      /** The deployment's id for as long as this payment is not returned or refused: nobody is on two lists for one duty. */
      live: c.text('live'),
      personId: c.text('person_id').notNull(),
      county: c.text('county').notNull(),
      days: c.int('days').notNull(),
      rateKes: c.int('rate_kes').notNull(),
      allowanceKes: c.int('allowance_kes').notNull(),
      deductionKes: c.int('deduction_kes').notNull(),
      totalKes: c.int('total_kes').notNull(),
      /** `mpesa`, or the 2-digit bank. */
      bank: c.text('bank').notNull(),
      /** Account or phone, its holder's name and the branch, as JSON. */
      payeeSealed: c.text('payee_sealed').notNull(),
      state: c.text<PayState | 'refused'>('state').notNull(),
      reason: c.text('reason'),
      changedAt: c.time('changed_at').notNull(),
    },
    (t) => [
      c.unique('pay_lines_live').on(t.live),
      c.index('pay_lines_list').on(t.listId, t.bank, t.id),
      c.index('pay_lines_person').on(t.personId),
      c.index('pay_lines_deployment').on(t.deploymentId),
    ],
  ),
  /** What stands between a duty and its pay: cleared by an officer, or mended by the person. */
  payIssues: c.table(
    'pay_issues',
    {
      deploymentId: c.text('deployment_id').notNull(),
      kind: c.text('kind').notNull(),
      jobCode: c.text('job_code').notNull(),
      personId: c.text('person_id').notNull(),
      county: c.text('county').notNull(),
      state: c.text<'open' | 'mended' | 'cleared'>('state').notNull(),
      clearedBy: c.text('cleared_by'),
      at: c.time('at').notNull(),
      changedAt: c.time('changed_at').notNull(),
    },
    (t) => [
      c.primary({ columns: [t.deploymentId, t.kind] }),
      c.index('pay_issues_state').on(t.jobCode, t.state, t.kind, t.county, t.deploymentId),
      c.index('pay_issues_person').on(t.personId, t.state),
    ],
  ),
  /** A recall, a postponement or a move: what one action did to many letters, and whom it told. */
  notices: c.table(
    'notices',
    {
      id: c.text('id').primaryKey(),
      kind: c.text<'recalled' | 'postponed' | 'moved'>('kind').notNull(),
      jobCode: c.text('job_code').notNull(),
      county: c.text('county'),
      by: c.text('by').notNull(),
      at: c.time('at').notNull(),
    },
    (t) => [c.index('notices_at').on(t.at)],
  ),
  noticePeople: c.table(
    'notice_people',
    {
      noticeId: c.text('notice_id').notNull(),
      deploymentId: c.text('deployment_id').notNull(),
      personId: c.text('person_id').notNull(),
      county: c.text('county').notNull(),
      /** The `dedupe` of the message that told them; see notices/carry-out.ts for those who could not be moved. */
      message: c.text('message').notNull(),
    },
    (t) => [
      c.primary({ columns: [t.noticeId, t.deploymentId] }),
      c.index('notice_people_county').on(t.noticeId, t.county, t.deploymentId),
    ],
  ),
})

export const sqliteTables = define(sqliteKit)
export type Tables = typeof sqliteTables
