type Equal<Left, Right> = (<T>() => T extends Left ? 1 : 2) extends <T>() => T extends Right ? 1 : 2 ? true : false

/** Compiles only where two types are the same. */
export function same<Left, Right>(..._equal: Equal<Left, Right> extends true ? [] : ['the types differ']): void {}
