/** What the writer of a tree has to tell, until it is told: many files at once. Invariant: nothing is told twice. */
import { lstatSync } from 'node:fs';
import { stampOf } from '../../core/file-stamp.ts';
import type { Manifest } from '../../core/manifest.ts';
import type { FailedFile, PlacedFile, WriterReport, WrittenFile } from '../tree-contract.ts';

export class TreeReports {
  readonly #send: (report: WriterReport) => Promise<unknown>;
  #named: number[] = [];
  #written: WrittenFile[] = [];
  #failed: FailedFile[] = [];
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

  take(): WriterReport {
    const report = { named: this.#named, written: this.#written, failed: this.#failed };
    this.#named = [];
    this.#written = [];
    this.#failed = [];
    return report;
  }

  send(): void {
    if (this.#named.length + this.#written.length + this.#failed.length === 0) return;
    // When the actor is gone nobody wants to know.
    this.sent = this.#send(this.take()).catch(() => undefined);
  }
}
