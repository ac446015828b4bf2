module.exports = require('../src/store/schema.ts').sqliteTables
