/**
 * The service worker, as a table of contents. It keeps the shell so that every screen starts offline, takes what
 * other apps share, and otherwise stays out of the way: transfers and downloads never pass through it, because a
 * browser may end it at any moment.
 */
import { answerNotifications } from './notifications.ts';
import { takeShares } from './shareTarget.ts';
import { keepConfig, keepShell } from './shell.ts';
import { updateWhenTold } from './updating.ts';

keepShell();
keepConfig();
takeShares();
answerNotifications();
updateWhenTold();
