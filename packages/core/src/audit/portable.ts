// What a receipt is checked with runs where there is no Node: `kernel/bytes.ts` does these with `Buffer`.

/** Bytes as standard padded base64. */
export function toBase64(bytes: Uint8Array): string {
  let units = ''
  for (const byte of bytes) units += String.fromCharCode(byte)
  return btoa(units)
}

/** The bytes of a canonical, padded base64 text, or undefined where it is not one. */
export function ofBase64(text: string): Uint8Array<ArrayBuffer> | undefined {
  // What `atob` would skip or mend is not canonical.
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text)) return undefined
  const bytes = Uint8Array.from(atob(text), (unit) => unit.charCodeAt(0))
  return toBase64(bytes) === text ? bytes : undefined
}

/** Bytes as lower-case hex. */
export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** The bytes of a lower-case hex text, or undefined where it is not one. */
export function ofHex(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (!/^(?:[0-9a-f]{2})*$/.test(text)) return undefined
  return Uint8Array.from({ length: text.length / 2 }, (_, at) => Number.parseInt(text.slice(2 * at, 2 * at + 2), 16))
}
