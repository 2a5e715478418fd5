/** Two public keys in C2SP form, of seeds that only tests use. */
export const VKEY_A = 'alice+276a7b57+AWa+fjMsekUzMr2dCn99sFX1xe8aBq2mbZizn7aBDEc6'
export const VKEY_B = 'bob+63a45e0b+AQtROtm0kkAVygkC7QeQRNOsXb7CMG8GlIwQ2o62458t'
