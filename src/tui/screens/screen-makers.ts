/** Every screen of the program, by name. */
import type { ScreenName } from '../keys/places.ts';
import type { MakeScreen } from '../screen/screen.ts';
import { savedScreen } from './search/saved-screen.ts';
import { searchScreen } from './search/search-screen.ts';
import { logScreen } from './log/log-screen.ts';
import { messagesScreen } from './log/messages-screen.ts';
import { emptyScreen } from './nothing-yet.ts';
import { detailsScreen } from './transfers/details.ts';
import { doneScreen, downloadsScreen, failedScreen } from './transfers/downloads.ts';
import { uploadsScreen } from './transfers/uploads.ts';

export const screenMakers: Readonly<Record<ScreenName, MakeScreen>> = {
  search: searchScreen,
  saved: savedScreen,
  downloads: downloadsScreen,
  uploads: uploadsScreen,
  done: doneScreen,
  failed: failedScreen,
  details: detailsScreen,
  shares: emptyScreen('shares', 'Shares', 'You share nothing yet.'),
  'share-files': emptyScreen('share-files', 'Files', 'There are no files in it.'),
  peers: emptyScreen('peers', 'Peers', 'No other peer is online.'),
  blocked: emptyScreen('blocked', 'Blocked', 'No peer is blocked.'),
  browse: emptyScreen('browse', 'Browse', 'There is nothing in it.'),
  log: logScreen,
  messages: messagesScreen,
};
