/**
 * One server of a cluster and the connection to it. Invariant: every question is answered or fails in its time, what
 * waits is bounded, and a server that has stopped answering is hung up on, so that nothing waits for it.
 */
import { createClient, ErrorReply, RESP_TYPES } from '@redis/client';
import {
  redisConnectTimeoutMs,
  redisHangMs,
  redisPendingCommands,
  redisRedialMs,
} from '../../core/limits/redis.ts';
import { messageOf, RedisConnectionError } from './redis-problem.ts';

export type RedisArgument = string | Buffer;

/** How servers are reached and what they are told first. */
export interface RedisAccess {
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly tls: { readonly ca?: string } | undefined;
}

interface Connection {
  send(args: readonly RedisArgument[]): Promise<unknown>;
  end(): void;
}

/**
 * Never connected. The package makes a class with a thousand methods for each set of options that it has not seen just
 * before: 40 ms and many megabytes for each connection, which a copy of a client does without.
 */
let template: ReturnType<typeof createClient> | undefined;

export class RedisNode {
  readonly host: string;
  readonly port: number;
  readonly #access: RedisAccess;
  #connection: Connection | undefined;
  #dialling: Promise<Connection> | undefined;
  #failedMs = -Infinity;
  #failure = '';
  #waiting = 0;
  #heardMs = 0;
  #isClosed = false;
  #isLost = false;
  readonly #changed: () => void;

  /** `changed`: it is lost, or found again. */
  constructor(host: string, port: number, access: RedisAccess, changed: () => void = () => undefined) {
    this.#changed = changed;
    this.host = host;
    this.port = port;
    this.#access = access;
  }

  /** Connected, and not waited for. */
  get isAnswering(): boolean {
    if (this.#connection === undefined) return false;
    return this.#waiting === 0 || performance.now() - this.#heardMs < redisRedialMs;
  }

  /** The connection was lost, or could not be had, and there has been none since. */
  get isLost(): boolean {
    return this.#isLost;
  }

  /** Strings come back as Buffers. Throws what the server says, or `RedisConnectionError`. */
  async send(args: readonly RedisArgument[], timeoutMs: number): Promise<unknown> {
    return within(timeoutMs, this.#sendNow(args), () => this.#overdue());
  }

  close(): void {
    this.#isClosed = true;
    this.#connection?.end();
    this.#connection = undefined;
  }

  async #sendNow(args: readonly RedisArgument[]): Promise<unknown> {
    const connection = this.#connection ?? (await this.#dial());
    if (this.#waiting === 0) this.#heardMs = performance.now();
    this.#waiting += 1;
    try {
      const reply = await connection.send(args);
      this.#heardMs = performance.now();
      return reply;
    } catch (error) {
      if (error instanceof ErrorReply) {
        this.#heardMs = performance.now();
        throw error;
      }
      throw new RedisConnectionError(`${this.host}:${this.port}: ${messageOf(error)}`);
    } finally {
      this.#waiting -= 1;
    }
  }

  #overdue(): void {
    const connection = this.#connection;
    if (connection === undefined || this.#waiting === 0) return;
    const silentMs = performance.now() - this.#heardMs;
    if (silentMs >= redisHangMs) this.#lose(connection, 'it has stopped answering');
    else setTimeout(() => this.#overdue(), redisHangMs - silentMs + 1).unref();
  }

  #lose(connection: Connection, why: string): void {
    if (this.#connection !== connection) return;
    this.#connection = undefined;
    this.#failedMs = performance.now();
    this.#failure = why;
    connection.end();
    this.#become(true);
  }

  #become(isLost: boolean): void {
    if (this.#isLost === isLost || this.#isClosed) return;
    this.#isLost = isLost;
    this.#changed();
  }

  #dial(): Promise<Connection> {
    if (this.#isClosed) throw new RedisConnectionError('The store has been closed');
    if (performance.now() - this.#failedMs < redisRedialMs)
      throw new RedisConnectionError(`${this.host}:${this.port}: ${this.#failure}`);
    this.#dialling ??= this.#connect().finally(() => {
      this.#dialling = undefined;
    });
    return this.#dialling;
  }

  async #connect(): Promise<Connection> {
    const { host, port } = this;
    const { username, password, tls } = this.#access;
    const socket = { host, port, connectTimeout: redisConnectTimeoutMs, reconnectStrategy: false } as const;
    template ??= createClient({
      RESP: 2,
      commandsQueueMaxLength: redisPendingCommands,
      disableOfflineQueue: true,
      disableClientInfo: true,
      maintNotifications: 'disabled',
    });
    const client = template.duplicate({
      socket: tls === undefined ? socket : { ...socket, tls: true, ...tls },
      ...(username !== undefined && { username }),
      ...(password !== undefined && { password }),
    });
    const options = { typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer }, timeout: 0 };
    const connection: Connection = {
      send: (args) => client.sendCommand(args, options),
      end() {
        if (client.isOpen) client.destroy();
      },
    };
    client.on('error', (error: unknown) => this.#lose(connection, messageOf(error)));
    try {
      await within(redisConnectTimeoutMs, client.connect(), () => connection.end());
      if (this.#isClosed) throw new Error('The store has been closed');
    } catch (error) {
      connection.end();
      this.#failedMs = performance.now();
      this.#failure = messageOf(error);
      this.#become(true);
      if (error instanceof ErrorReply) throw error;
      throw new RedisConnectionError(`${host}:${port}: ${this.#failure}`);
    }
    this.#connection = connection;
    this.#become(false);
    return connection;
  }
}

/** Waits no longer; what comes later is dropped. */
async function within<T>(timeoutMs: number, work: Promise<T>, overdue: () => void): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    overdue();
    reject(new RedisConnectionError(`no answer within ${Math.round(timeoutMs)} ms`));
  }, timeoutMs);
  promise.catch(() => undefined);
  work.catch(() => undefined);
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}
