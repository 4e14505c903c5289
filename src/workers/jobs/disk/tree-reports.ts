/** What the writer of a tree has to tell, until it is told: many files at once. Invariant: nothing is told twice. */
import { lstatSync } from 'node:fs';
import { stampOf } from '../../../core/share/file-stamp.ts';
import { copyReportBytes } from '../../../core/limits/trees.ts';
import type { Manifest } from '../../../core/swarm/manifest.ts';
import type { FailedFile, PlacedFile, WriterReport, WrittenFile } from '../../tree-contract.ts';

export class TreeReports {
  readonly #send: (report: WriterReport) => Promise<unknown>;
  #named: number[] = [];
  #written: WrittenFile[] = [];
  #failed: FailedFile[] = [];
  #copiedBytes = 0;
  /** Settles when all that was sent has been taken. */
  sent: Promise<unknown> = Promise.resolve();

  constructor(send: (report: WriterReport) => Promise<unknown>) {
    this.#send = send;
  }

  /** It has the name that it was to have. */
  named(file: number): void {
    this.#named.push(file);
  }

  /** It lies at `path`; with `manifest`, what the library needs to share it is told too. */
  written({ file, id }: PlacedFile, path: string, manifest: Manifest | undefined): void {
    const stats = manifest && lstatSync(path, { bigint: true, throwIfNoEntry: false });
    const adoption = manifest && stats && { stamp: stampOf(stats), manifest };
    this.#written.push({ file, path, id, adoption });
  }

  failed(failed: FailedFile): void {
    this.#failed.push(failed);
  }

  /** So much was read of a file that is being copied, which is told before it is at its end. */
  copied(bytes: number): void {
    this.#copiedBytes += bytes;
    if (this.#copiedBytes >= copyReportBytes) this.send();
  }

  take(): WriterReport {
    const [named, written, failed, copiedBytes] = [
      this.#named,
      this.#written,
      this.#failed,
      this.#copiedBytes,
    ];
    const report = { named, written, failed, copiedBytes };
    this.#copiedBytes = 0;
    this.#named = [];
    this.#written = [];
    this.#failed = [];
    return report;
  }

  send(): void {
    const ended = this.#named.length + this.#written.length + this.#failed.length;
    if (ended === 0 && this.#copiedBytes < copyReportBytes) return;
    // When the actor is gone nobody wants to know.
    this.sent = this.#send(this.take()).catch(() => undefined);
  }
}
