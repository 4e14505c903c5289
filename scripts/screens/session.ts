/**
 * A short session as somebody new has it: searching, marking, downloading, looking at what others share. Real
 * engines on this machine, slow enough to be watched. Invariant: whoever plays it leaves nothing behind.
 */
import { randomBytes } from 'node:crypto';
import { Neighbourhood } from '../../test/pty/neighbourhood.ts';
import type { TerminalOptions, TerminalProgram } from '../../test/pty/program.ts';

const MiB = 1024 * 1024;

const talks = [
  'Opening',
  'Actors in practice',
  'Content addressing',
  'Erasure codes',
  'A tour of the sea floor',
];
const films = {
  'Films/Migration of Herring (2019) 1080p.mkv': 48,
  'Films/The Shoal at Dusk 720p.mp4': 36,
  'Films/Northern Lights 2160p.mkv': 60,
};
const records = { 'Music/Herring Gulls/01 Low Tide.flac': 34, 'Music/Herring Gulls/02 Kelp.flac': 31 };
const papers = {
  'Papers/Herring populations of the North Sea.pdf': 3,
  ...Object.fromEntries(talks.map((talk, at) => [`Talks/${at + 1} ${talk}.webm`, 20])),
};

/** Plays it; `look` is told where a picture is worth taking. */
export async function playSession(
  options: Partial<TerminalOptions>,
  look: (name: string, terminal: TerminalProgram) => Promise<void>,
): Promise<void> {
  const neighbourhood = await Neighbourhood.open();
  try {
    const contents = new Map<string, Buffer>();
    // Who has the same file has the same bytes.
    const filled = (files: Readonly<Record<string, number>>): Record<string, Buffer> =>
      Object.fromEntries(
        Object.entries(files).map(([file, size]) => {
          const bytes = contents.get(file) ?? randomBytes(size * MiB);
          contents.set(file, bytes);
          return [file, bytes];
        }),
      );
    await neighbourhood.sharing('alice', filled({ ...films, ...records }));
    await neighbourhood.sharing('bob', filled({ ...films, ...papers }));
    await neighbourhood.sharing('carol', filled({ ...papers, ...records }));
    const out = await neighbourhood.folder('downloads');
    const terminal = await neighbourhood.terminal(
      ['peer', '--name', 'dave', '--home', await neighbourhood.folder('home'), '--tracker', neighbourhood.address,
       '--downloads', out, '--share', out, '--embedded-tracker', 'off'],
      options,
    ); // prettier-ignore
    await play(terminal, (name) => look(name, terminal));
  } finally {
    await neighbourhood.clear();
  }
}

async function play(terminal: TerminalProgram, look: (name: string) => Promise<void>): Promise<void> {
  await terminal.waitFor(/tracker ok/);
  await slowDown(terminal);
  await look('start');
  terminal.press('/');
  await terminal.waitFor('Esc leave');
  for (const letter of 'herring') {
    terminal.type(letter);
    await look('key');
  }
  terminal.press('enter');
  await terminal.waitFor('Results 4');
  await look('found');
  for (const count of [1, 2, 3]) {
    terminal.press('space');
    await terminal.waitFor(`marked ${count}`);
    await look('key');
  }
  await look('search');
  terminal.press('enter');
  await terminal.waitFor(/2 Transfers [1-9]/);
  terminal.press('2');
  // Two at work, and the details of one of them.
  await terminal.waitFor(() => (terminal.text.match(/downloading/g) ?? []).length >= 3, 'downloads at work');
  await look('moving');
  await terminal.waitFor(/Migration.* (?:1\d|[2-9]\d)(?:\.\d)?%/);
  await look('transfers');
  terminal.press('4');
  await terminal.waitFor(/alice/);
  await look('peers');
  terminal.press('b');
  await terminal.waitFor(/Films|Music|Papers|Talks/);
  await look('browse');
  terminal.press('?');
  await terminal.waitFor(/keys|Keys/);
  await look('help');
  terminal.press('escape');
  await terminal.waitFor(() => !terminal.text.includes('type to filter'), 'the help to be gone');
  terminal.press('2');
  await terminal.waitFor(/Done [3-9]/);
  await look('done');
}

/** As if the others were far away: a loopback is too fast to be watched. */
async function slowDown(terminal: TerminalProgram): Promise<void> {
  terminal.press('B');
  await terminal.waitFor('Private networks exempt');
  terminal.type('6M');
  await terminal.waitFor(/Download +6M/);
  terminal.type('\t\t\t\t');
  terminal.press('right');
  await terminal.waitFor('[no]');
  terminal.press('enter');
  await terminal.waitFor('Limits set');
}
