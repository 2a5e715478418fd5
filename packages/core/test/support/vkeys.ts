/** Two public keys in C2SP form; nobody has what would sign for them. */
export const VKEY_A = 'alice+b74750b6+AcqXgRLKG73K+sIxs5oj3E2nhu/4FHxOcrmAd4Wv7ki7'
export const VKEY_B = 'bob+a9487814+AT4j6BYAOVlKM4lPZWThsTSLvXoAiNQsSstz7q7VnACd'
