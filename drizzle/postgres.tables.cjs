module.exports = require('../src/store/kit-postgres.ts').pgTables
