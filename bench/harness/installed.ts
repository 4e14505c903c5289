import { accessSync, constants } from 'node:fs';
import path from 'node:path';

/** Whether a program is on the PATH. */
export function installed(program: string): boolean {
  const folders = (process.env['PATH'] ?? '').split(path.delimiter);
  return [...folders, '/usr/sbin'].some((folder) => {
    try {
      accessSync(path.join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
