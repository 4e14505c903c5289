import { describe, expect, test } from '@jest/globals';
import { diskProblem, hasCode } from '../../src/core/disk-problem.ts';

const systemError = (code: string): Error => Object.assign(new Error('x'), { code });

describe('a disk problem', () => {
  test('has a stable code and names the path', () => {
    expect(diskProblem(systemError('ENOSPC'), '/a/b')).toEqual({
      code: 'disk-full',
      message: 'The disk is full: /a/b',
    });
    expect(diskProblem(systemError('EACCES'), '/a')).toMatchObject({ code: 'io' });
    expect(diskProblem(systemError('EWEIRD'), '/a')).toEqual({ code: 'io', message: 'EWEIRD: /a' });
  });

  test('is only made of system errors: anything else is a fault of ours', () => {
    expect(() => diskProblem(new TypeError('bug'), '/a')).toThrow('bug');
    expect(hasCode(systemError('ENOENT'), 'ENOENT')).toBe(true);
    expect(hasCode(undefined, 'ENOENT')).toBe(false);
  });
});
