/** Messages as the code sees them that works for every table: by the fields that many of them have. */
import { RemoteProtocolError } from './errors.ts';
import type { AnyMessage } from './requests.ts';
import type { MessageSpec } from './table.ts';

/** Any message of any table, seen by what many have. */
interface LooseMessage extends AnyMessage {
  readonly token?: number;
  readonly dataLength?: number;
}

export const loose = (message: { readonly type: unknown }): LooseMessage => message as LooseMessage;

export function isFinal(spec: MessageSpec, message: object): boolean {
  if (!spec.finalWhen) return true;
  const [field, value] = spec.finalWhen;
  return (message as Readonly<Record<string, unknown>>)[field] === value;
}

export function unsolicited(type: string): never {
  throw new RemoteProtocolError('unsolicited', `${type} answers nothing that was asked`);
}
