import { describe, expect, test } from '@jest/globals';
import { play } from './fakes.ts';

/** Arguments, and what the one line on stderr must hold: the flag, what was expected, what was got. */
const mistakes: readonly (readonly [argv: string, ...parts: string[]])[] = [
  ['nonsense', 'nonsense: no such command', 'shoal --help'],
  ['serach x', 'serach: no such command', 'did you mean search?'],
  ['help nonsense', 'nonsense: no such command', 'shoal --help'],
  ['help serach', 'serach: no such command', 'did you mean search?'],
  ['help -- --json', '--json: no such command'],
  ['--nonsense', '--nonsense: no such flag'],
  ['--jsno', '--jsno: no such flag', 'did you mean --json?'],
  ['--home', '--home: expected DIR after it, got nothing'],
  ['--home=', '--home: expected a folder, got ""'],
  ['--name=', '--name: expected a name, got ""'],
  ['peers --name ../x', '--name: expected a name of 1 to 32', 'got "../x"'],
  ['peers --name a/b', '--name: expected a name', 'got "a/b"'],
  ['--tracker', '--tracker: expected HOST:PORT after it, got nothing'],
  ['peers --tracker nowhere', '--tracker: expected HOST:PORT', 'got "nowhere"'],
  ['peers --tracker host:0', '--tracker: expected HOST:PORT', 'got "host:0"'],
  ['peers --tracker host:65536', '--tracker: expected HOST:PORT', 'got "host:65536"'],
  ['peers --tracker ::1:5000', '--tracker: expected HOST:PORT', 'got "::1:5000"'],
  ['peers --tracker http://host:80', '--tracker: expected HOST:PORT', 'got "http://host:80"'],
  ['peers --log-level loud', '--log-level: expected one of silent, error', 'got "loud"'],
  ['peers --log-file=', '--log-file: expected a file, got ""'],
  ['tracker --port abc', '--port: expected a port from 0 to 65535, got "abc"'],
  ['tracker --port 65536', '--port: expected a port from 0 to 65535, got "65536"'],
  ['tracker --port -1', '--port: expected a port from 0 to 65535, got "-1"'],
  ['tracker --port 1e3', '--port: expected a port from 0 to 65535, got "1e3"'],
  ['tracker --port', '--port: expected PORT after it, got nothing'],
  ['tracker --host a/b', '--host: expected a host name or address, got "a/b"'],
  ['tracker --announce x', '--announce: expected HOST:PORT', 'got "x"'],
  ['tracker --data=', '--data: expected a folder, got ""'],
  ['tracker --store mysql://x', '--store: expected sqlite, memory: or redis://HOST:PORT, got "mysql://x"'],
  ['tracker extra', 'tracker: expected no arguments, got "extra"; see shoal help tracker'],
  ['tracker --share x', '--share: no such flag'],
  ['peer extra', 'peer: expected no arguments, got "extra"; see shoal help peer'],
  ['peer --port x', '--port: expected a port from 0 to 65535, got "x"'],
  ['peer --host', '--host: expected HOST after it, got nothing'],
  ['peer --share=', '--share: expected a folder, got ""'],
  [
    'peer --share /nowhere/at/all --downloads /tmp',
    '--share: expected a folder that can be read',
    '/nowhere/at/all',
  ],
  ['peer --downloads=', '--downloads: expected a folder, got ""'],
  ['peer --embedded-tracker maybe', '--embedded-tracker: expected one of auto, on, off, got "maybe"'],
  ['peer --tiu', '--tiu: no such flag'],
  ['--port x', '--port: expected a port from 0 to 65535, got "x"'],
  ['search', 'expected QUERY, got nothing; see shoal help search'],
  ['search x --limit 0', '--limit: expected a whole number from 1 to', 'got "0"'],
  ['search x --limit ten', '--limit: expected a whole number from 1 to', 'got "ten"'],
  ['search x --limt 3', '--limt: no such flag', 'did you mean --limit?'],
  ['get', 'expected TARGET, got nothing; see shoal help get'],
  ['tracker backup', 'expected FILE, got nothing; see shoal tracker backup --help'],
  ['get x --out=', '--out: expected a folder, got ""'],
  ['get x --limit-rate fast', '--limit-rate: expected bytes per second, such as 500K or 5M, got "fast"'],
  ['get x --timeout 5', '--timeout: expected a duration such as 30s or 5m, got "5"'],
  ['get x --timeout', '--timeout: expected DURATION after it, got nothing'],
  ['get x/y', 'expected an id, a shoal: link, a name or PEER:/path, got "x/y"'],
  ['get shoal:abc', 'expected a link as shoal:ID', 'got "shoal:abc"'],
  ['browse', 'expected PEER, got nothing'],
  ['browse --recursive', 'expected PEER, got nothing'],
  ['browse a b c', 'browse: expected 2 arguments, got "a, b, c"; see shoal help browse'],
  ['list extra', 'list: expected no arguments, got "extra"; see shoal help list'],
  ['hash', 'expected FILE, got nothing'],
  ['peers extra', 'peers: expected no arguments, got "extra"; see shoal help peers'],
  ['demo extra', 'demo: expected no arguments, got "extra"; see shoal help demo'],
  ['demo --limit-rate x', '--limit-rate: expected bytes per second', 'got "x"'],
  ['doctor extra', 'doctor: expected no arguments, got "extra"; see shoal help doctor'],
  ['get -rf', '-rf: no such flag; where it is a name, write -- before it; see shoal help get'],
  ['get --x.bin', '--x.bin: no such flag; where it is a name, write -- before it'],
  ['doctor -f', '-f: no such flag; see shoal help doctor'],
  ['doctor --fix', '--fix: no such flag; see shoal help doctor'],
];

describe('wrong usage', () => {
  test.each(mistakes)('shoal %s: one clear line and exit code 64', async (argv, ...parts) => {
    const { code, stdout, stderr, engines, trackers } = await play({ argv: argv.split(' ') });
    expect(stderr.lines).toHaveLength(1);
    expect(stderr.text).toMatch(/^shoal: /);
    for (const part of parts) expect(stderr.text).toContain(part);
    expect(code).toBe(64);
    expect(stdout.text).toBe('');
    expect(engines.length + trackers.length).toBe(0);
  });

  test('a bad value in the environment names the variable', async () => {
    const { code, stderr } = await play({
      argv: ['peers'],
      ports: { env: { SHOAL_TRACKER: '127.0.0.1:5000, nowhere' } },
    });
    expect(code).toBe(64);
    expect(stderr.text).toBe(
      'shoal: SHOAL_TRACKER: expected HOST:PORT, such as 127.0.0.1:5000 or [::1]:5000, got "nowhere"\n',
    );
  });

  test('what was typed wrong is not given power over the terminal', async () => {
    const { stderr } = await play({ argv: ['\u001b[2J\u001b]0;x\u0007'] });
    expect(stderr.text).not.toMatch(/[\u0007\u001b]/);
  });
});

const commands = 'peer tracker search get browse list hash peers demo doctor'.split(' ');

describe('help', () => {
  test.each(commands)('%s --help shows its flags, the global ones and an example', async (command) => {
    const { code, stdout, stderr } = await play({ argv: [command, '--help'] });
    expect([code, stderr.text]).toEqual([0, '']);
    expect(stdout.text).toContain(`Usage: shoal ${command}`);
    expect(stdout.text).toContain('--json');
    expect(stdout.text).toMatch(new RegExp(`Example:\n {2}shoal ${command}`));
  });

  test('shoal --help lists every command, the exit codes and an example', async () => {
    const { code, stdout } = await play({ argv: ['--help'] });
    expect(code).toBe(0);
    for (const command of commands) expect(stdout.text).toMatch(new RegExp(`^ {2}${command} `, 'm'));
    expect(stdout.text).toContain('Example:');
    expect(stdout.text).toContain('130 stopped by Ctrl-C');
  });

  test('shoal help COMMAND is the same', async () => {
    const { code, stdout } = await play({ argv: ['help', 'get'] });
    expect(code).toBe(0);
    expect(stdout.text).toContain('Usage: shoal get');
  });

  test.each(['stats', 'backup', 'reload'])('shoal help tracker %s is that of the part', async (part) => {
    const { code, stdout } = await play({ argv: ['help', 'tracker', part] });
    expect([code, stdout.lines[0]]).toEqual([0, expect.stringContaining(`Usage: shoal tracker ${part} `)]);
  });

  test.each(commands)('the examples of %s are commands as they stand', async (command) => {
    const { stdout } = await play({ argv: [command, '--help'] });
    const [, examples = ''] = /Example:\n((?: {2}.*\n)+)/.exec(stdout.text) ?? [];
    for (const example of examples.trimEnd().split('\n')) {
      expect(example).toMatch(/^ {2}shoal [a-z]+/);
      // Nothing that a shell would stumble over.
      expect(example.replace(/"[^"]*"/g, '')).not.toMatch(/[()<>;&|]/);
    }
  });

  test('shoal help help is the help of all', async () => {
    const { code, stdout } = await play({ argv: ['help', 'help'] });
    expect(code).toBe(0);
    expect(stdout.text).toContain('Usage: shoal [options] [command]');
  });

  test('--version prints the version alone', async () => {
    const { code, stdout } = await play({ argv: ['--version'] });
    expect([code, stdout.text]).toEqual([0, '1.2.3\n']);
  });
});
