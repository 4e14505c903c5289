/** Every screen of the program, by name. */
import type { ScreenName } from '../keys/places.ts';
import type { MakeScreen } from '../screen/screen.ts';
import { savedScreen } from './search/saved-screen.ts';
import { searchScreen } from './search/search-screen.ts';
import { blockedScreen } from './peers/blocked-screen.ts';
import { browseScreen } from './peers/browse-screen.ts';
import { peersScreen } from './peers/peers-screen.ts';
import { shareFilesScreen } from './shares/share-files-screen.ts';
import { sharesScreen } from './shares/shares-screen.ts';
import { logScreen } from './log/log-screen.ts';
import { messagesScreen } from './log/messages-screen.ts';
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
  shares: sharesScreen,
  'share-files': shareFilesScreen,
  peers: peersScreen,
  blocked: blockedScreen,
  browse: browseScreen,
  log: logScreen,
  messages: messagesScreen,
};
