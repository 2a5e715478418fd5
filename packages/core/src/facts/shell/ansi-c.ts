// Each alternative begins with another character, and takes a fixed number of them. What is missing differs between
// versions of bash (`\x{`), hangs on the locale (`\u00e9`), ends the text (`\0`), or is a control that nobody needs.
const CERTAIN =
  /^\$'(?:[^\\]|\\(?:[\\'"?abeEfnrtv]|x(?:0[9aA]|[2-6][\da-fA-F]|7[\da-eA-E])|u00(?:[2-6][\da-fA-F]|7[\da-eA-E])|U000000(?:[2-6][\da-fA-F]|7[\da-eA-E])|0(?:1[12]|[4-7][0-7])|1(?:[0-6][0-7]|7[0-6])))*'$/u

/** Whether every bash, in every locale, makes the same text of `$'…'`. */
export function isCertainAnsiC(quoted: string): boolean {
  return CERTAIN.test(quoted)
}
