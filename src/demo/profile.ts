import type { FieldName } from '../people/profile-fields.ts'
import type { Tx } from '../store/store.ts'

type Person = Tx['people']['$inferSelect']

/** A made-up answer to every field; digits come from the demonstration number, so that they differ from person to person. */
export function profileFor(person: Person): Record<FieldName, string> {
  const digits = person.msisdn.slice(-3)
  return {
    gender: Number(digits) % 2 === 0 ? 'female' : 'male',
    birth_year: String(1970 + (Number(digits) % 30)),
    town: person.homeSubCounty,
    home_county: person.homeCounty,
    home_sub_county: person.homeSubCounty,
    bank_code: '01',
    branch_code: '001',
    account_number: `1100000${digits}`,
    account_name: person.fullName,
    qualification: person.qualification,
    subjects: person.subjects.join(';') || 'none',
    workstation_code: person.workstationCode ?? '00000000',
    teaching_level: 'secondary',
    kin_name: `Next of kin ${digits}`,
    kin_relation: 'sister',
    kin_phone: '+254700000999',
    kra_pin: `A000000${digits}Z`,
    tsc_number: `900${digits}`,
    nssf: `2000000${digits}`,
    sha: `CR0000000000${digits}-1`,
  }
}
