/**
 * Where the login stands in a URL of Redis: between `//` and the last `@` before a `/`, as a password may hold an `@`
 * itself. Invariant: whoever warns of a password, uses it or hides it takes the same text for it.
 */

export interface RedisUrlParts {
  /** With its slashes. */
  readonly scheme: string;
  readonly user: string;
  /** As it stands there; undefined when there is none, which is not an empty one. */
  readonly password: string | undefined;
  /** Servers and options. */
  readonly rest: string;
}

/** Undefined: no URL of Redis. */
export function redisUrlParts(url: string): RedisUrlParts | undefined {
  const { scheme, login, rest } =
    /^(?<scheme>rediss?:\/\/)(?:(?<login>[^/]*)@)?(?<rest>.*)$/is.exec(url)?.groups ?? {};
  if (scheme === undefined || rest === undefined) return undefined;
  const [user = '', ...password] = (login ?? '').split(':');
  return { scheme, user, password: password.length === 0 ? undefined : password.join(':'), rest };
}

/** For people: rather more is left out than a login, as one with a `/` is none, but meant as one. */
export function withoutLogin(url: string): string {
  return url.replace(/\/\/.*@/s, '//…@');
}
