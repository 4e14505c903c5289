/**
 * Opens a catalogue on a Redis Cluster by its URL, made when missing. Invariant: what cannot work is refused here,
 * with what to do about it, and never found out later by peers.
 *
 *     redis://[user:password@]host:port[,host:port…][/][?catalogue=name&shards=32&ca=file]
 */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  maxRedisShards,
  redisOpenMs,
  redisOpenRetryMs,
  redisShards,
  redisTryMs,
  redisWriteMs,
} from '../../core/limits/redis.ts';
import { redisUrlParts, withoutLogin } from '../../core/tracker/redis-login.ts';
import { fail, ok, type ProblemCode, type Result } from '../../core/result.ts';
import type { ThreadCounters } from '../../core/tracker/tracker-counters.ts';
import type { StorePatience } from '../catalog-store.ts';
import { RedisCluster, type RedisAddress } from './redis-cluster.ts';
import type { RedisAccess } from './redis-node.ts';
import { messageOf } from './redis-problem.ts';
import { RedisShards } from './redis-shards.ts';
import { slotOf } from './redis-tags.ts';

/** Raise it with every change to what is kept of a file or a peer, the tokenizer included. */
const schemaVersion = 3;
const usualPort = 6379;
const patience = { tryMs: redisTryMs, allMs: redisWriteMs };

export interface RedisPlace {
  readonly seeds: readonly RedisAddress[];
  readonly access: RedisAccess;
  /** What all keys begin with: several catalogues can lie on one cluster. */
  readonly catalogue: string;
  /** Parts that a new catalogue gets. */
  readonly shards: number;
}

export function redisPlaceOf(url: string): Result<RedisPlace> {
  const { scheme = '', user = '', password, rest = '' } = redisUrlParts(url) ?? {};
  const { hosts, query } = /^(?<hosts>[^/?@]+)\/?(?:\?(?<query>.*))?$/.exec(rest)?.groups ?? {};
  const shown = JSON.stringify(withoutLogin(url));
  const seeds = (hosts ?? '').split(',').map(addressOf);
  const options = new URLSearchParams(query);
  const catalogue = options.get('catalogue') ?? 'shoal';
  const shards = Number(options.get('shards') ?? redisShards);
  const ca = options.get('ca');
  if (seeds.some((seed) => seed === undefined))
    return fail('bad-request', `Expected redis://host:port,host:port… but got ${shown}`);
  if (!/^[\w.-]{1,32}$/.test(catalogue))
    return fail('bad-request', 'The name of a catalogue has up to 32 letters, digits, ".", "_" and "-"');
  if (!Number.isInteger(shards) || shards < 1 || shards > maxRedisShards)
    return fail('bad-request', `A catalogue has 1 to ${maxRedisShards} shards`);
  try {
    const isEncrypted = scheme.toLowerCase() === 'rediss://';
    return ok({
      seeds: seeds.filter((seed) => seed !== undefined),
      access: {
        username: user === '' ? undefined : decodeURIComponent(user),
        password: password === undefined ? undefined : decodeURIComponent(password),
        tls: isEncrypted ? (ca === null ? {} : { ca: readFileSync(ca, 'utf8') }) : undefined,
      },
      catalogue,
      shards,
    });
  } catch (error) {
    return fail('bad-request', `Cannot use ${shown}: ${messageOf(error)}`);
  }
}

/**
 * Finds the cluster and the catalogue on it. Servers that are busy, load or form their cluster are waited for, so long
 * and no longer. See `openStore` for the problems.
 */
export async function openRedisShards(
  place: RedisPlace,
  searchMs?: number,
  counters?: ThreadCounters,
  { patienceMs = redisOpenMs, onWait, signal }: StorePatience = {},
): Promise<Result<RedisShards>> {
  const cluster = new RedisCluster(place.seeds, place.access, counters);
  const endMs = performance.now() + patienceMs;
  for (;;) {
    const opened = await tryToOpen(cluster, place, searchMs);
    if (opened.ok) return opened;
    const { code, message } = opened.problem;
    const isOver = signal?.aborted === true || performance.now() + redisOpenRetryMs > endMs;
    if (code !== 'busy' || isOver) {
      cluster.close();
      if (code !== 'busy') return opened;
      const waited = `waited ${Math.round(patienceMs / 1_000)} s for it in vain`;
      return fail('unreachable', signal?.aborted === true ? message : `${message}; ${waited}`);
    }
    onWait?.(message);
    await sleep(redisOpenRetryMs, undefined, { signal }).catch(() => undefined);
  }
}

async function tryToOpen(
  cluster: RedisCluster,
  place: RedisPlace,
  searchMs?: number,
): Promise<Result<RedisShards>> {
  try {
    await cluster.refresh();
    const unfit = await findUnfit(cluster);
    if (unfit !== undefined) return fail('bad-request', unfit);
    const key = `${place.catalogue}:catalogue`;
    const slot = slotOf(key);
    await cluster.command(slot, ['HSETNX', key, 'schema', String(schemaVersion)], patience);
    await cluster.command(slot, ['HSETNX', key, 'shards', String(place.shards)], patience);
    const kept = (await cluster.command(
      slot,
      ['HMGET', key, 'schema', 'shards'],
      patience,
    )) as readonly Buffer[];
    const [schema, shards] = kept.map(Number);
    if (schema !== schemaVersion)
      return fail(
        'version',
        `The catalogue ${place.catalogue} on this cluster is of another version of Shoal (${schema}, not ` +
          `${schemaVersion}): stop its other trackers and empty it with FLUSHALL on each primary (peers send their ` +
          'files again), or give another name with ?catalogue=…',
      );
    return ok(new RedisShards(cluster, place.catalogue, shards ?? place.shards, searchMs));
  } catch (error) {
    const [code, advice] = adviceFor(messageOf(error));
    return fail(code, `Cannot open the catalogue on Redis: ${advice}`);
  }
}

/** A server that would throw keys away, or knows no functions. */
async function findUnfit(cluster: RedisCluster): Promise<string | undefined> {
  for (const node of cluster.primaries) {
    const info = await node
      .send(['INFO'], redisTryMs)
      .then(String)
      .catch(() => undefined);
    const fact = (name: string): string => new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info ?? '')?.[1] ?? '';
    const where = `${node.host}:${node.port}`;
    if (info !== undefined && Number.parseInt(fact('redis_version'), 10) < 7)
      return `Redis 7.0 or Valkey is needed, ${where} is ${fact('redis_version')}`;
    if (Number(fact('maxmemory')) > 0 && fact('maxmemory_policy') !== 'noeviction')
      return `${where} would throw away parts of the catalogue when full: set maxmemory-policy noeviction there`;
  }
  return cluster.primaries.length > 0
    ? undefined
    : 'This cluster has no servers with slots: run redis-cli --cluster create';
}

/** What servers say, or do not, while they start or have too much to do. */
const passing =
  /\b(?:LOADING|MASTERDOWN|BUSY|TRYAGAIN|READONLY|NOREPLICAS)\b|no answer within|no server has this part|has stopped answering/;

function adviceFor(message: string): readonly [code: ProblemCode, advice: string] {
  if (/cluster support disabled/i.test(message))
    return [
      'bad-request',
      'the server is not part of a cluster: start it with cluster-enabled yes, see docs/operations.md',
    ];
  if (/WRONGPASS|NOAUTH|NOPERM|without any password/i.test(message))
    return [
      'unauthorised',
      `${message}: give the password in SHOAL_REDIS_PASSWORD and a user as redis://user@host:port`,
    ];
  if (/unknown command|syntax error/i.test(message))
    return ['version', `Redis 7.0 or Valkey is needed (${message})`];
  if (/CLUSTERDOWN/.test(message)) return ['busy', `${message}: see redis-cli --cluster check host:port`];
  if (passing.test(message)) return ['busy', message];
  return ['unreachable', `${message}: is redis-server running there?`];
}

function addressOf(text: string): RedisAddress | undefined {
  const { host, port } =
    /^(?<host>\[[0-9a-f:.]+\]|[^:[\]]+)(?::(?<port>\d{1,5}))?$/i.exec(text.trim())?.groups ?? {};
  const number = port === undefined ? usualPort : Number(port);
  if (host === undefined || number < 1 || number > 65_535) return undefined;
  return { host: host.replace(/^\[|\]$/g, ''), port: number };
}
