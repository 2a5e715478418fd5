declare const BRAND: unique symbol

/** A `Base` that only its own parser can make. */
export type Brand<Base, Name extends string> = Base & { readonly [BRAND]: Name }
