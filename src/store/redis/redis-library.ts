/**
 * The library of Functions that every primary of a cluster has. Invariant: its functions are named after what is
 * in it, so that trackers of two versions do not take each other's away.
 */
import { hash } from 'node:crypto';
import { luaCopies } from './redis-lua-copies.ts';
import { luaLists } from './redis-lua-lists.ts';
import { luaNames } from './redis-lua-names.ts';
import { luaPeers } from './redis-lua-peers.ts';
import { luaRows } from './redis-lua-rows.ts';
import { luaSearch } from './redis-lua-search.ts';
import { luaShares } from './redis-lua-shares.ts';
import { luaWords } from './redis-lua-words.ts';

const writers = [
  'attach',
  'detach',
  'revive',
  'beat',
  'leave',
  'bequeath',
  'dismiss',
  'reachable',
  'released',
  'forget',
  'apply',
  'drop',
  'commit',
  'sweep',
  'collect',
  'reserve',
  'confirm',
  'release',
  'number',
  'announce',
  'withdraw',
  'post',
  'collectLetters',
] as const;
const readers = [
  'list',
  'find',
  'epoch',
  'facts',
  'mine',
  'entries',
  'state',
  'garbage',
  'search',
  'holders',
  'words',
  'owner',
  'whereabouts',
] as const;

export type RedisWriter = (typeof writers)[number];
export type RedisReaderFunction = (typeof readers)[number];

const body = luaLists + luaRows + luaPeers + luaWords + luaShares + luaSearch + luaCopies + luaNames;
const version = hash('sha256', body + writers.join() + readers.join()).slice(0, 8);

/** What a function is called at the server. */
export function functionName(name: RedisWriter | RedisReaderFunction): string {
  return `shoal_${version}_${name}`;
}

/** The text to load. */
export const libraryText = [
  `#!lua name=shoal_${version}`,
  body,
  ...writers.map((name) => `redis.register_function('${functionName(name)}', ${name})`),
  ...readers.map(
    (name) =>
      `redis.register_function{ function_name = '${functionName(name)}', callback = ${name}, flags = { 'no-writes' } }`,
  ),
].join('\n');
