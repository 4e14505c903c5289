/** Says what is wrong with arguments in one line: the flag, what was expected and what was got. */
import { CommanderError } from 'commander';
import { withoutLogin } from '../core/tracker/redis-login.ts';

const invalidValue =
  /^error: option '(?:-\w, )?(?<flag>--[\w-]+)[^']*' argument '(?<got>.*)' is invalid\. (?<expected>.*)$/s;
const invalidArgument =
  /^error: command-argument value '(?<got>.*)' is invalid for argument '(?<name>[^']*)'\. (?<expected>.*)$/s;
const missingValue = /^error: option '(?:-\w, )?(?<flag>--[\w-]+) <(?<value>[^']*)>' argument missing$/;
const unknownFlag = /^error: unknown option '(?<got>.*?)'(?:\s*\(Did you mean (?<near>.*)\?\))?$/s;
const unknownCommand = /^error: unknown command '(?<got>.*?)'(?:\s*\(Did you mean (?<near>.*)\?\))?$/s;
const missingArgument = /^error: missing required argument '(?<name>.*)'$/;
const tooMany =
  /^error: too many arguments(?: for '(?<command>.*?)')?\. Expected (?<expected>\d+) arguments? but got (?<count>\d+): (?<got>.*)\.$/s;

/** A mistake in the arguments of one command, whose help is got by `help`. */
export class WrongUsage extends CommanderError {
  readonly help: string;

  constructor({ exitCode, code, message }: CommanderError, help: string) {
    super(exitCode, code, message);
    this.help = help;
  }
}

/** The mistake in our words; commander's own where it has one that we do not know. `help`: the command for more. */
export function usageMistake({ message }: CommanderError, help: string): string {
  const parts = (pattern: RegExp): Record<string, string | undefined> | undefined =>
    pattern.exec(message)?.groups;
  let found = parts(invalidValue);
  if (found)
    return `${found['flag']}: expected ${found['expected']}, got ${quoted(withoutLogin(found['got'] ?? ''))}`;
  found = parts(invalidArgument);
  if (found) return `${found['name']}: expected ${found['expected']}, got ${quoted(found['got'])}`;
  found = parts(missingValue);
  if (found) return `${found['flag']}: expected ${found['value']?.toUpperCase()} after it, got nothing`;
  found = parts(unknownFlag);
  if (found)
    return `${found['got']}: no such flag${near(found['near'])}${asName(found['got'], help)}; see ${help}`;
  found = parts(unknownCommand);
  if (found) return `${found['got']}: no such command${near(found['near'])}; see shoal --help`;
  found = parts(missingArgument);
  if (found) return `expected ${found['name']?.toUpperCase()}, got nothing; see ${help}`;
  found = parts(tooMany);
  if (found)
    return `${found['command'] ?? 'shoal'}: expected ${count(found['expected'])}, got ${quoted(found['got'])}; see ${help}`;
  return message.replace(/^error: /, '');
}

const quoted = (text = ''): string => JSON.stringify(text);

const near = (candidate: string | undefined): string =>
  candidate === undefined ? '' : ` (did you mean ${candidate}?)`;

/** How what begins like a flag is given to a command that takes names, where it is more likely one. */
const asName = (got: string | undefined, help: string): string =>
  /^-[^-]|[\s.]/.test(got ?? '') && /\b(?:get|add|browse|hash)$|\bqueue\b/.test(help)
    ? '; where it is a name, write -- before it'
    : '';

function count(expected = '0'): string {
  if (expected === '0') return 'no arguments';
  return expected === '1' ? 'one argument' : `${expected} arguments`;
}
