import type { Dice } from '../demo/draw.ts'

/** Given names are few and shared by many, family names many and shared by few: as in a real roll. */
const GIVEN =
  'Achieng Amina Baraka Chebet Dahir Ekai Esther Faraji Gathoni Imani Jelimo Kerubo Lokiru Makena Mbithe Moraa Mwikali Naserian Nekesa Njeri Omondi Pendo Rehema Simiyu Tumaini Wafula Wambui Wekesa Zawadi'.split(
    ' ',
  )
const MIDDLE =
  'Abdi Barasa Chelimo Guyo Ireri Karanja Katana Kilonzo Kimeli Kirui Koech Lagat Mbugua Mutiso Nyaboke Ochieng Odera Okello Onyango Rotich Shikuku Tanui Wachira Wanyama Yusuf'.split(
    ' ',
  )
const STARTS = 'Ba Che Da Ga Ka Ki Ko La Lo Ma Mo Mu Na Nya O Ro Sa Si Ta Wa'.split(' ')
const ENDS = 'bera doro gari kori lemba lini mani ndo ngari nyi raso ruto sembi tari theki wira yego zori'.split(' ')
const LINKS = 'a be ki ma ro si we yo'.split(' ')

/** Three words; the last is one of 2,880. */
export const nameOf = (cast: Dice): string =>
  `${cast.pick(GIVEN)} ${cast.pick(MIDDLE)} ${cast.pick(STARTS)}${cast.pick(LINKS)}${cast.pick(ENDS)}`
