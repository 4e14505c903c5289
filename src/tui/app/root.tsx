/**
 * The screen as React sees it: one node for each row, by its place. Everything that is drawn is made elsewhere;
 * a row whose line is the same object is not looked at again.
 */
import { Box, Transform, useApp, useCursor, useInput, usePaste } from 'ink';
import { memo, useEffect, useSyncExternalStore } from 'react';
import { readKeys } from '../keys/key-reader.ts';
import type { Line } from '../text/segments.ts';
import type { ThemeName } from '../text/theme.ts';
import type { Controller } from './controller.ts';
import { paint } from './paint.ts';

interface RowProps {
  readonly line: Line;
  readonly theme: ThemeName;
}

/**
 * For Ink a row is a blank that is transformed: text that it lays out it measures, cleans and reads twice in each
 * frame, changed or not, and ours is harmless and exactly as wide as the terminal already (see paint.ts).
 */
const Row = memo(function Row({ line, theme }: RowProps) {
  return <Transform transform={() => paint(line, theme)}> </Transform>;
});

export interface RootProps {
  readonly controller: Controller;
  /** Told once what of the application can be used from outside. */
  readonly onReady: (app: ReturnType<typeof useApp>) => void;
}

export function Root({ controller, onReady }: RootProps) {
  const app = useApp();
  useEffect(() => onReady(app), [app, onReady]);
  useInput((input, key) => controller.press(readKeys(input, key)));
  usePaste((text) => controller.paste(text));
  const frame = useSyncExternalStore(controller.subscribe, controller.frame);
  const { setCursorPosition } = useCursor();
  setCursorPosition(frame.cursor);
  return (
    <Box flexDirection="column" height={frame.lines.length}>
      {frame.lines.map((line, at) => (
        // A row is a place on the screen: keyed by it, nodes stay when lists scroll.
        <Row key={at} line={line} theme={frame.theme} />
      ))}
    </Box>
  );
}
