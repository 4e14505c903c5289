/** What the messages between a peer and a tracker are made of: rows of their lists, and fields that several have. */
import * as limits from '../core/limits/wire.ts';
import { callTokenBytes } from '../core/limits/reach.ts';
import {
  bool,
  bytes,
  contentIdField,
  list,
  optional,
  peerIdField,
  record,
  str,
  u16,
  u53,
  uint,
} from './fields.ts';

export const ready = ['ready'] as const;
export const small = limits.maxSmallFrameBytes;
export const name = str(limits.maxNameBytes);
export const path = str(limits.maxPathBytes);
export const host = str(limits.maxHostBytes);
export const limit = uint(limits.maxSearchResults);
export const digest = bytes(16);
export const callToken = bytes(callTokenBytes);
export const cursor = optional(str(limits.maxCursorBytes));

export const file = record({ id: contentIdField, sizeBytes: u53, path });
export const holding = record({ id: contentIdField, path });
/** `reachable`: the tracker got through to the address; nothing when it has not tried. */
export const source = record({ peer: peerIdField, name, host, port: u16, reachable: optional(bool) });
export const sources = list(source, limits.maxSourcesPerContent);
export const peer = record({
  peer: peerIdField,
  name,
  host,
  port: u16,
  files: u53,
  bytes: u53,
  reachable: optional(bool),
});
export const rejection = record({ path, code: str(32) });
export const found = record({
  id: contentIdField,
  sizeBytes: u53,
  /** Best match first. */
  names: list(path, limits.maxNamesPerResult),
  sources,
  /** Where it is shared under the first of them. */
  folder: optional(path),
});
export const holders = record({ id: contentIdField, sizeBytes: u53, sources });
/** Another tracker of the same catalogue, and its key. */
export const trackers = list(record({ host, port: u16, id: peerIdField }), limits.maxToldTrackers);
/** `sources` share it whole, `partial` are downloading it. */
export const swarm = record({ id: contentIdField, sizeBytes: u53, sources, partial: sources });
