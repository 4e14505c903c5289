/**
 * Asks a running tracker something at its operator's socket. Invariant: what lies at the socket's path is spoken to
 * only when it is ours alone, and what comes back is bounded in time and size.
 */
import { request } from 'node:http';
import { adminAnswerTimeoutMs, backupTimeoutMs, maxAdminAnswerBytes } from '../core/limits/operations.ts';
import { fail, ok, type ProblemCode, type Result } from '../core/result.ts';
import type { TrackerQuestion } from '../core/tracker/tracker-stats.ts';
import { adminSocket } from './admin.ts';
import { checkSocket, checkSocketFolder } from './socket-place.ts';

/** What it answers, of JSON. `unreachable`: no tracker runs there; otherwise what the tracker says is wrong. */
export async function askTracker(dataDir: string, question: TrackerQuestion): Promise<Result<unknown>> {
  const socketPath = adminSocket(dataDir);
  const found = checkSocket(socketPath);
  if (!found.ok) return found.problem.code === 'not-found' ? noSocket(socketPath, dataDir) : found;
  const { type, ...wish } = question;
  const isBackup = type === 'backup';
  return new Promise((resolve) => {
    const asked = request(
      {
        socketPath,
        path: `/${type}`,
        method: type === 'stats' ? 'GET' : 'POST',
        agent: false,
        signal: AbortSignal.timeout(isBackup ? backupTimeoutMs : adminAnswerTimeoutMs),
      },
      (response) => {
        const chunks: Buffer[] = [];
        let bytes = 0;
        response.on('data', (chunk: Buffer) => {
          chunks.push(chunk);
          bytes += chunk.length;
          if (bytes > maxAdminAnswerBytes) response.destroy(new Error('The answer is too long'));
        });
        response.on('error', (error) =>
          resolve(fail('protocol', `The tracker's answer broke off: ${error.message}`)),
        );
        response.on('end', () =>
          resolve(read(response.statusCode === 200, Buffer.concat(chunks).toString('utf8'))),
        );
      },
    );
    asked.on('error', (error) =>
      resolve(
        error.name === 'AbortError' || error.name === 'TimeoutError'
          ? fail('timeout', 'The tracker did not answer in time')
          : notRunning(dataDir),
      ),
    );
    asked.end(isBackup ? JSON.stringify(wish) : '');
  });
}

function read(isDone: boolean, text: string): Result<unknown> {
  try {
    const answer = JSON.parse(text) as unknown;
    if (isDone) return ok(answer);
    // Our own program wrote it, maybe in another version: the worst it can be is an odd message.
    const { code, message } = answer as { readonly code: ProblemCode; readonly message: string };
    return fail(code, message);
  } catch {
    return fail('protocol', 'The tracker answered something that is not understood here');
  }
}

/** A tracker makes none in a folder that others get into, so it may run all the same. */
function noSocket(socket: string, dataDir: string): Result<never> {
  const usable = checkSocketFolder(socket);
  if (usable.ok) return notRunning(dataDir);
  return fail('unreachable', `${usable.problem.message}, then start the tracker again`);
}

function notRunning(dataDir: string): Result<never> {
  return fail('unreachable', `No tracker with the folder ${dataDir} runs here`);
}
