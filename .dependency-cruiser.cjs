// The shelves of docs/design.md: a file imports from its own room and from lower shelves only, without a circle.
const room = (names) => `^src/(${names})(/|\\.ts$)`
const above = {
  '0 base and text know nobody': [
    'base|text',
    'acting|action|app|config|perform|store|security|ussd|sms|links|gateway|runs|orders|sheets|audit|officers|people|jobs|letters|deployments|allocation|attendance|pay|notices|broadcasts|keys|backup|catalogue|web|portal|console|simulator|demo|cli|main|open|schedule|metrics',
  ],
  '1 store and security know no room above': [
    'store|security',
    'ussd|sms|links|gateway|runs|orders|sheets|audit|officers|people|jobs|letters|deployments|allocation|attendance|pay|notices|broadcasts|keys|backup|catalogue|web|portal|console|simulator|demo|cli|main|open|schedule',
  ],
  "2 machinery knows nobody's business": [
    'ussd|sms|links|gateway|runs|orders|sheets|audit',
    'officers|people|jobs|letters|deployments|allocation|attendance|pay|notices|broadcasts|keys|backup|catalogue|web|portal|console|simulator|demo|cli|main|open|schedule',
  ],
  '3 business knows no page and no command': [
    'officers|people|jobs|letters|deployments|allocation|attendance|pay|notices|broadcasts|keys|backup',
    'catalogue|web|portal|console|simulator|demo|cli|main|open|schedule',
  ],
  '4 the catalogue knows no page and no command': ['catalogue', 'web|portal|console|simulator|demo|cli|main|open|schedule'],
  '5 pages know no command': ['web|portal|console|simulator|demo', 'cli|bench|main|open|schedule'],
  'what the faces share knows no face': ['web', 'portal|console'],
  'a face knows no other': ['portal', 'console'],
  'nor the other way round': ['console', 'portal'],
}
// Each business room may look at those before it.
const business = [
  'officers',
  'people',
  'jobs',
  'letters',
  'deployments',
  'allocation',
  'attendance',
  'pay',
  'notices',
  'broadcasts',
  'keys',
  'backup',
]
const leftwards = Object.fromEntries(business.slice(0, -1).map((room, place) => [room, business.slice(place + 1).join('|')]))
const machinery = ['ussd', 'sms', 'links', 'gateway', 'runs', 'orders', 'sheets', 'audit']

module.exports = {
  forbidden: [
    { name: 'no circle', severity: 'error', from: {}, to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } } },
    ...Object.entries(above).map(([name, [from, to]]) => ({
      name,
      severity: 'error',
      from: { path: room(from) },
      to: { path: room(to) },
    })),
    ...Object.entries(leftwards).map(([from, to]) => ({
      name: `${from} looks leftwards only`,
      severity: 'error',
      from: { path: room(from) },
      to: { path: room(to) },
    })),
    ...machinery.map((from) => ({
      name: `${from} knows no other machinery`,
      severity: 'error',
      from: { path: room(from) },
      to: { path: room(machinery.filter((other) => other !== from).join('|')), pathNot: '^src/gateway/gateway\\.ts$' },
    })),
    {
      name: 'an engine only in the store',
      severity: 'error',
      from: { path: '^src', pathNot: room('store') },
      to: { path: 'node_modules/(better-sqlite3|pg|drizzle-orm/(better-sqlite3|node-postgres|sqlite-core|pg-core))' },
    },
    { name: 'no development dependency in src', severity: 'error', from: { path: '^src' }, to: { dependencyTypes: ['npm-dev'] } },
    {
      name: 'everything can be found',
      severity: 'error',
      from: { path: '^src' },
      to: { couldNotResolve: true, pathNot: '^pdfmake/interfaces' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      extensions: ['.ts', '.js', '.cjs', '.json'],
    },
  },
}
