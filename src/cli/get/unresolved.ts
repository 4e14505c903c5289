/**
 * Tells of targets that came to nothing. Invariant: scripts are told of each, people once of all that failed for the
 * same reason.
 */
import type { VirtualPath } from '../../core/catalogue.ts';
import { nameOf, parentPath, splitVirtualPath } from '../../core/share/virtual-path.ts';
import type { CommandContext } from '../command.ts';
import { parseTarget, type ParsedTarget, type Unresolved } from './get-target.ts';
import type { AskedTarget } from './listed-targets.ts';
import { resultTable, searchResultLine } from '../search.ts';

export interface UnresolvedTarget extends Unresolved {
  /** The argument. */
  readonly text: string;
  /** What people are told; undefined: the problem. */
  readonly told?: string;
}

/** What can be looked for, and what cannot as it is no target. */
export function parseTargets(asked: readonly AskedTarget[]): {
  readonly parsed: readonly { readonly text: string; readonly target: ParsedTarget }[];
  readonly unresolved: readonly UnresolvedTarget[];
} {
  const parsed: { readonly text: string; readonly target: ParsedTarget }[] = [];
  const unresolved: UnresolvedTarget[] = [];
  for (const { text, at } of asked) {
    const target = parseTarget(text);
    if (target.ok) parsed.push({ text, target: at === undefined ? target.value : placed(target.value, at) });
    else unresolved.push({ ...target, candidates: [], text });
  }
  return { parsed, unresolved };
}

/** A content that lies there, called so and in the same folders here. */
function placed(target: ParsedTarget, at: VirtualPath): ParsedTarget {
  const folders = splitVirtualPath(parentPath(at));
  return target.kind === 'content' && folders ? { ...target, name: nameOf(at), folders } : target;
}

/** Says why each gave nothing; where several files have its name, between which to choose. */
export function reportUnresolved(
  { output }: Pick<CommandContext, 'output'>,
  targets: readonly UnresolvedTarget[],
): void {
  const alike = new Map<string, UnresolvedTarget[]>();
  for (const target of targets) {
    const { text, problem, candidates, told = problem.message } = target;
    const choices = candidates.length === 0 ? {} : { candidates: candidates.map(searchResultLine) };
    output.event({
      event: 'failed',
      id: null,
      code: problem.code,
      message: problem.message,
      target: text,
      ...choices,
    });
    const others = alike.get(told);
    if (others === undefined) alike.set(told, [target]);
    else others.push(target);
  }
  if (output.json) return;
  for (const [told, [first, ...others]] of alike) {
    output.error(others.length === 0 ? told : `${told} (${others.length + 1} targets)`);
    const { candidates = [] } = first ?? {};
    if (candidates.length > 0) output.note(...resultTable(candidates, output.columns));
  }
}
