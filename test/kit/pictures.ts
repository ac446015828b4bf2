/** Whether pictures are to be kept: `PICTURES=1`. */
export const wantsPictures = process.env.PICTURES === '1'
