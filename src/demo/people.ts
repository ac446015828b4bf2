import { counties } from './country.ts'
import type { Dice } from './draw.ts'

/** Rows as a CSV file holds them: every value a text. */
export type RollRow = Record<
  | 'national_id'
  | 'full_name'
  | 'phone'
  | 'tsc_number'
  | 'kra_pin'
  | 'qualification'
  | 'subjects'
  | 'home_county'
  | 'home_sub_county'
  | 'workstation_code'
  | 'status',
  string
>
export type StationRow = Record<
  'centre_code' | 'name' | 'county' | 'sub_county' | 'latitude' | 'longitude' | 'candidates',
  string
>

// Names of many communities, put together by dice: no full name is meant to be anybody's.
const GIVEN = [
  'Achieng',
  'Amina',
  'Baraka',
  'Chebet',
  'Cherono',
  'Dahir',
  'Esther',
  'Ekai',
  'Fatuma',
  'Faraji',
  'Gathoni',
  'Hassan',
  'Imani',
  'Jelimo',
  'Juma',
  'Kamau',
  'Kerubo',
  'Kipchirchir',
  'Lokiru',
  'Makena',
  'Mbithe',
  'Moraa',
  'Mutua',
  'Mwikali',
  'Naserian',
  'Nekesa',
  'Ngũgĩ',
  'Njeri',
  'Odhiambo',
  'Omondi',
  'Pendo',
  'Rehema',
  'Saitoti',
  'Simiyu',
  'Tumaini',
  'Wafula',
  'Wambui',
  'Wanjirũ',
  'Wekesa',
  'Zawadi',
] as const
const FAMILY = [
  'Abdi',
  'Adongo',
  'Barasa',
  'Chelimo',
  'Ekiru',
  'Gachanja',
  'Guyo',
  'Ireri',
  'Kahindi',
  'Karanja',
  'Katana',
  'Kilonzo',
  'Kimeli',
  'Kirui',
  'Koech',
  'Kombo',
  'Lagat',
  'Lekishon',
  'Mbugua',
  'Mwadime',
  'Mwangome',
  'Mũthoni',
  'Mutiso',
  'Nyaboke',
  'Nyamweya',
  'Ochieng',
  'Odera',
  'Okello',
  'Onyango',
  'Oyugi',
  'Rotich',
  'Shikuku',
  'Sifuna',
  'Tanui',
  'Wachira',
  'Wanyama',
  'Yusuf',
] as const
const SCHOOLS = [
  'Mto Mwekundu',
  'Kilima Kirefu',
  'Jua Kali Ridge',
  'Mwamba Mweupe',
  'Ziwa Tulivu',
  'Mti Mkubwa',
  'Nyota Njema',
  'Upepo Mwanana',
  'Bonde la Amani',
  'Mlima wa Tai',
  'Chemchemi Mpya',
  'Anga Safi',
  'Shamba Jipya',
  'Daraja Refu',
  'Mwezi Mpevu',
  'Msitu wa Nyuki',
  'Jiwe Jeusi',
  'Umande',
  'Kisima Kirefu',
  'Mapambazuko',
] as const
const KINDS = ['Secondary', 'Girls', 'Boys', 'Mixed Secondary', 'Primary', 'Junior School'] as const
export const SUBJECTS = [
  'mathematics',
  'english',
  'kiswahili',
  'biology',
  'chemistry',
  'physics',
  'history',
  'geography',
  'cre',
  'ire',
  'agriculture',
  'business studies',
  'computer studies',
  'home science',
] as const
const QUALIFICATIONS = ['certificate', 'diploma', 'diploma', 'degree', 'degree', 'degree', 'postgraduate'] as const

const two = (n: number) => String(n).padStart(2, '0')
const three = (n: number) => String(n).padStart(3, '0')

/** Stations, spread over all counties in turn. */
export function makeStations(dice: Dice, count: number): StationRow[] {
  return Array.from({ length: count }, (_, place) => {
    const county = counties[place % counties.length] as (typeof counties)[number]
    const round = Math.floor(place / counties.length)
    const sub = round % county.subCounties.length
    const near = (middle: number) => (middle + (dice.below(400) - 200) / 1000).toFixed(4)
    return {
      centre_code: `${county.code}${three(sub + 1)}${three(round + 1)}`,
      name: `${SCHOOLS[(place * 7 + round) % SCHOOLS.length]} ${KINDS[(place + round) % KINDS.length]}`,
      county: county.name,
      sub_county: county.subCounties[sub] as string,
      latitude: near(county.at[0]),
      longitude: near(county.at[1]),
      candidates: String(12 + dice.below(469)),
    }
  })
}

/** People of the roll. Phones run through the demonstration block, +254700000001 on. */
export function makePeople(dice: Dice, stations: readonly StationRow[], count: number): RollRow[] {
  return Array.from({ length: count }, (_, place) => {
    const number = place + 1
    const station = stations[(place * 3) % stations.length] as StationRow
    const subjects = [...new Set([dice.pick(SUBJECTS), dice.pick(SUBJECTS)])]
    return {
      national_id: `99${two(dice.below(100))}${String(number).padStart(4, '0')}`,
      full_name: `${dice.pick(GIVEN)} ${dice.pick(FAMILY)}`,
      phone: `+254700000${three(number)}`,
      tsc_number: dice.below(12) === 0 ? '' : `9${String(10_000 + number * 7).slice(-5)}`,
      kra_pin: `A${String(700_000_000 + number * 13)}${String.fromCharCode(65 + dice.below(26))}`,
      qualification: dice.pick(QUALIFICATIONS),
      subjects: subjects.join(';'),
      home_county: station.county,
      home_sub_county: station.sub_county,
      workstation_code: dice.below(15) === 0 ? '' : station.centre_code,
      status: number > 10 && dice.below(60) === 0 ? 'suspended' : 'vetted',
    }
  })
}
