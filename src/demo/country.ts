/** A county with its 2-digit code, its middle in degrees, and a few of its sub-counties. General knowledge, for the demonstration only. */
export type County = {
  code: string
  name: string
  at: readonly [latitude: number, longitude: number]
  subCounties: readonly string[]
}

const county = (code: string, name: string, latitude: number, longitude: number, ...subCounties: string[]): County => ({
  code,
  name,
  at: [latitude, longitude],
  subCounties,
})

/** The 47 counties of Kenya. */
export const counties: readonly County[] = [
  county('01', 'Mombasa', -4.04, 39.67, 'Mvita', 'Likoni', 'Kisauni'),
  county('02', 'Kwale', -4.17, 39.45, 'Matuga', 'Msambweni', 'Kinango'),
  county('03', 'Kilifi', -3.51, 39.91, 'Kilifi North', 'Malindi', 'Kaloleni'),
  county('04', 'Tana River', -1.5, 39.9, 'Garsen', 'Galole', 'Bura'),
  county('05', 'Lamu', -2.27, 40.9, 'Lamu East', 'Lamu West'),
  county('06', 'Taita Taveta', -3.4, 38.36, 'Voi', 'Taveta', 'Mwatate'),
  county('07', 'Garissa', -0.45, 39.65, 'Garissa', 'Dadaab', 'Lagdera'),
  county('08', 'Wajir', 1.75, 40.06, 'Wajir East', 'Wajir West', 'Habaswein'),
  county('09', 'Mandera', 3.57, 41.1, 'Mandera East', 'Mandera West', 'Lafey'),
  county('10', 'Marsabit', 2.97, 37.99, 'Marsabit Central', 'Moyale', 'Laisamis'),
  county('11', 'Isiolo', 0.62, 38.4, 'Isiolo', 'Garbatulla', 'Merti'),
  county('12', 'Meru', 0.05, 37.65, 'Imenti North', 'Imenti South', 'Tigania West'),
  county('13', 'Tharaka Nithi', -0.3, 37.9, 'Maara', 'Tharaka South', 'Meru South'),
  county('14', 'Embu', -0.54, 37.5, 'Embu West', 'Mbeere North', 'Runyenjes'),
  county('15', 'Kitui', -1.37, 38.01, 'Kitui Central', 'Mwingi North', 'Mutomo'),
  county('16', 'Machakos', -1.52, 37.26, 'Machakos', 'Kangundo', 'Yatta'),
  county('17', 'Makueni', -2.0, 37.8, 'Makueni', 'Kibwezi', 'Mbooni West'),
  county('18', 'Nyandarua', -0.3, 36.4, 'Nyandarua Central', 'Kinangop', 'Kipipiri'),
  county('19', 'Nyeri', -0.42, 36.95, 'Nyeri Central', 'Othaya', 'Mathira East'),
  county('20', 'Kirinyaga', -0.55, 37.3, 'Kirinyaga Central', 'Mwea East', 'Kirinyaga West'),
  county('21', "Murang'a", -0.8, 37.1, "Murang'a East", 'Kangema', 'Gatanga'),
  county('22', 'Kiambu', -1.1, 36.85, 'Kiambu', 'Thika West', 'Limuru'),
  county('23', 'Turkana', 3.12, 35.6, 'Turkana Central', 'Turkana West', 'Loima'),
  county('24', 'West Pokot', 1.6, 35.2, 'Kapenguria', 'Pokot South', 'Kipkomo'),
  county('25', 'Samburu', 1.2, 36.9, 'Samburu Central', 'Samburu North', 'Samburu East'),
  county('26', 'Trans Nzoia', 1.05, 34.95, 'Kwanza', 'Endebess', 'Trans Nzoia East'),
  county('27', 'Uasin Gishu', 0.52, 35.28, 'Eldoret East', 'Eldoret West', 'Wareng'),
  county('28', 'Elgeyo Marakwet', 0.8, 35.55, 'Keiyo North', 'Keiyo South', 'Marakwet East'),
  county('29', 'Nandi', 0.18, 35.13, 'Nandi Central', 'Nandi North', 'Tinderet'),
  county('30', 'Baringo', 0.67, 35.95, 'Baringo Central', 'Marigat', 'Koibatek'),
  county('31', 'Laikipia', 0.3, 36.8, 'Laikipia East', 'Laikipia West', 'Nyahururu'),
  county('32', 'Nakuru', -0.3, 36.07, 'Nakuru East', 'Naivasha', 'Molo'),
  county('33', 'Narok', -1.1, 35.87, 'Narok North', 'Narok South', 'Transmara West'),
  county('34', 'Kajiado', -1.85, 36.78, 'Kajiado Central', 'Kajiado North', 'Loitokitok'),
  county('35', 'Kericho', -0.37, 35.28, 'Kericho', 'Belgut', 'Londiani'),
  county('36', 'Bomet', -0.78, 35.34, 'Bomet Central', 'Sotik', 'Konoin'),
  county('37', 'Kakamega', 0.28, 34.75, 'Kakamega Central', 'Lugari', 'Mumias East'),
  county('38', 'Vihiga', 0.07, 34.72, 'Vihiga', 'Sabatia', 'Hamisi'),
  county('39', 'Bungoma', 0.57, 34.56, 'Bungoma South', 'Kimilili', 'Webuye West'),
  county('40', 'Busia', 0.46, 34.11, 'Busia', 'Butula', 'Nambale'),
  county('41', 'Siaya', 0.06, 34.29, 'Siaya', 'Bondo', 'Gem'),
  county('42', 'Kisumu', -0.09, 34.77, 'Kisumu East', 'Kisumu West', 'Nyando'),
  county('43', 'Homa Bay', -0.53, 34.46, 'Homa Bay', 'Mbita', 'Rachuonyo South'),
  county('44', 'Migori', -1.06, 34.47, 'Migori', 'Rongo', 'Uriri'),
  county('45', 'Kisii', -0.68, 34.77, 'Kisii Central', 'Gucha', 'Masaba South'),
  county('46', 'Nyamira', -0.57, 34.94, 'Nyamira', 'Borabu', 'Manga'),
  county('47', 'Nairobi', -1.29, 36.82, 'Westlands', 'Starehe', 'Kasarani'),
]
