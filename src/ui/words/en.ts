import type { DoctorCheck } from '../../ports/doctor.ts';
import type { Fault } from '../../protocol/faults.ts';

/** One sentence for each plural category a language has; `other` always. */
export type Plural = { readonly [Rule in Intl.LDMLPluralRule]?: string } & {
  readonly other: string;
};

/** A fault in words: what happened, then whether anything is lost and the one next step. */
export interface FaultWords {
  readonly what: string;
  readonly next: string;
}

/**
 * Every word of the UI. The keys of this catalogue are the keys of all others.
 * `{name}` marks a place that is filled in; the value may be a word, a number or a name.
 */
export const en = {
  appName: 'Sluice',
  tabTitle: 'Sluice: files straight from one browser to another',
  settings: 'Settings',
  back: 'Back',
  close: 'Close',
  skipToContent: 'Skip to content',
  thisDevice: 'This device',
  otherDevice: 'The other device',

  homeTitle: 'Send files straight to another device',
  homeLead: 'From this browser to theirs. No account, no upload, any size.',
  sendQuestion: 'What do you want to send?',
  dropHere: 'Drop files here',
  dropHint: 'or paste them anywhere on this page',
  dropNow: 'Let go to send',
  looking: 'Getting the files ready',
  chooseFiles: 'Choose files',
  chooseFolder: 'Folder',
  addFiles: 'Add files',
  addFolder: 'Add a folder',
  textPlaceholder: 'Or write a text',
  textPlaceholderShort: 'Write a text',
  textLabel: 'Text to send',
  sendText: 'Send text',
  codeQuestion: 'Do you have a code?',
  codeLabel: 'Code or link',
  codeHint: 'The other device shows it.',
  codeExample: '4821-maple-otter-quartz',
  codeSuggestions: 'Words that fit',
  connect: 'Connect',
  scan: 'Scan a QR code',
  scanHint: 'Point the camera at the QR code on the other device.',
  scanNotOurs: 'That is a QR code, but not one of Sluice.',
  scanDenied: 'The camera cannot be used. Allow it for this site, or type the code.',
  receiveHere: 'Receive on this device',
  receiveHereHint: 'Get a code that lets others send to you.',
  earlier: 'On this device',

  shareTitle: 'Ready to send',
  shareTitleReceive: 'Ready to receive',
  shareLead: 'Tell the other person this code, or let them scan it.',
  shareLeadReceive: 'Others can send to this device with this code.',
  shareOpening: 'Getting a code',
  shareNoCode: 'The code was guessed wrong too often. Use the link or scan the picture.',
  yourCode: 'Your code',
  copyCode: 'Copy code',
  copyLink: 'Copy link',
  copyText: 'Copy text',
  copied: 'Copied',
  copyByHand: 'Selected: copy it now',
  shareSheet: 'Share',
  linkLabel: 'Link',
  qrLabel: 'QR code of the link',
  qrHint: 'Scan with a camera',
  onePersonOnly: 'One person only',
  onePersonOnlyHint: 'The code stops working once somebody has joined.',
  stopSharing: 'Stop sharing',
  offered: 'Offered to everyone who joins',
  nobodyYet: 'Nobody has joined yet',
  nobodyYetHint: 'Keep this page open. It connects by itself.',
  nothingYet: 'Nothing sent yet',
  nothingYetHint: 'Choose something to send, or wait for {name}.',

  joinConfirmTitle: 'Connect to the device that sent you this link?',
  joinConfirmLead: 'You see what is offered before anything is sent.',
  joinTitle: 'Connecting',
  joinFailedTitle: 'Not connected',
  joinFinding: 'Finding the other device',
  joinConnecting: 'Connecting the two devices',
  joinChecking: 'Checking the code',
  joinCheckingLink: 'Checking the link',
  joinStepDone: 'done',
  joinStepNow: 'now',
  joinStepFailed: 'failed here',
  joinCancel: 'Cancel',
  joinRetry: 'Try again with a code',

  peerConnected: 'Connected',
  peerReconnecting: 'Reconnecting',
  peerHidden: 'In the background',
  pathDirect: 'direct',
  pathRelay: 'relay',
  pathDirectHint: 'The bytes travel straight between the two devices.',
  pathRelayHint: 'The bytes travel, encrypted, through a relay.',
  disconnect: 'Disconnect',
  connectAgain: 'Connect again',
  youLeft: 'You disconnected.',
  goesOnOnceConnected: 'Nothing is lost. Connect again, and it goes on where it was.',
  roundTrip: '{time} round trip',
  showPlot: 'Show speed over time',
  showLanes: 'Show lanes',
  laneCount: { one: '{count} lane', other: '{count} lanes' },
  plotSpan: 'last {time}',

  peerWants: '{name} wants to send you',
  peerWantsText: '{name} wants to send you a text',
  whereKept: 'Kept in this browser until you save it.',
  freeSpace: '{size} free',
  notEnoughSpace: 'There may not be enough room: {size} is free. Choose less, or make room.',
  memoryWarning:
    'This browser keeps received files in memory only. They are lost when the page closes, so save them right away.',
  riskyWarning: {
    one: '{count} of the files can run programs when opened. Accept it only if you expect it.',
    other:
      '{count} of the files can run programs when opened. Accept them only if you expect them.',
  },
  risky: 'can run programs',
  chooseAll: 'Everything',
  chosenOf: '{chosen} of {total}',
  openFolder: 'Open {name}',
  closeFolder: 'Close {name}',
  accept: 'Accept',
  acceptSome: 'Accept {size}',
  decline: 'Decline',

  itemCount: { one: '{count} item', other: '{count} items' },
  fileCount: { one: '{count} file', other: '{count} files' },
  andMore: { one: '{title} and {count} more', other: '{title} and {count} more' },
  showMore: { one: 'Show {count} more', other: 'Show {count} more' },
  leftOut: { one: '{count} left out', other: '{count} left out' },
  showFiles: 'Show files',
  hideFiles: 'Hide files',
  textTitle: 'Text',
  toPeer: 'to {name}',
  fromPeer: 'from {name}',
  bytesOf: '{done} of {total}',
  timeLeft: '{time} left',
  aboutTime: 'about {time}',
  fewSeconds: 'a few seconds',

  phaseProposedSend: 'Waiting for {name} to accept',
  phaseTransferringSend: 'Sending',
  phaseTransferringReceive: 'Receiving',
  phasePausedMe: 'Paused by you',
  phasePausedPeer: 'Paused by {name}',
  phasePausedBoth: 'Paused by both',
  phaseWaiting: 'Waiting for {name}',
  phaseNeedsFiles: 'Waiting for you to choose the files',
  phaseDoneSend: 'Delivered',
  phaseDoneReceive: 'Received',
  phaseDeclinedSend: '{name} declined',
  phaseDeclinedReceive: 'You declined',
  phaseFailed: 'Stopped',
  phaseCancelled: 'Cancelled',
  verified: 'verified',
  waitingHelp:
    'Nothing is lost. It goes on by itself, from {percent}, as soon as both devices are back.',
  waitingHelpPlain: 'Nothing is lost. It goes on by itself as soon as both devices are back.',
  waitingMaySend: 'Keep this page open. Open Sluice on the other device.',
  waitingMayReceive:
    'You may close this page and come back later. Open Sluice on the other device.',
  limitedByNetwork: 'As fast as the network allows',
  limitedByDisk: 'Storage on the receiving device sets the pace',
  limitedByPeerHidden: 'Slow while the page is in the background on the other device',
  limitedByRelay: 'Goes through a relay, which is slower than direct',
  pause: 'Pause',
  continue: 'Continue',
  cancel: 'Cancel',
  save: 'Save',
  saveNamed: 'Save {name}',
  saveAll: 'Save all',
  saveToFolder: 'Save to a folder',
  saving: 'Saving',
  saved: 'saved',
  remove: 'Remove',
  discard: 'Discard',
  discardUnsaved: 'Not saved yet. Remove it anyway?',

  settingsTitle: 'Settings',
  deviceName: 'Name of this device',
  deviceNameHint: 'People you connect to see it.',
  language: 'Language',
  languageAuto: 'Same as the browser',
  theme: 'Appearance',
  themeSystem: 'Same as the device',
  themeLight: 'Light',
  themeDark: 'Dark',
  connection: 'Connection',
  relayOnly: 'Always go through a relay',
  relayOnlyHint:
    'Keeps the addresses of the two devices from each other. Slower, and needs a relay.',
  iceServers: 'Your own STUN and TURN servers',
  iceServersHint: 'Only for networks that need them. Counts from the next connection on.',
  iceAddress: 'Address',
  iceUser: 'User name',
  icePassword: 'Password',
  iceAdd: 'Add a server',
  iceRemove: 'Remove the server',
  iceWrong: 'An address looks like stun:host:3478 or turn:host:3478.',
  storage: 'Storage',
  freeOnDevice: '{size} free for received files',
  erase: 'Erase everything',
  eraseHint: 'Deletes unfinished transfers, received files you have not saved, and settings.',
  eraseAsk: 'Erase everything Sluice keeps on this device?',
  eraseYes: 'Erase',
  eraseNo: 'Keep',
  eraseFailed: 'Not everything could be erased. Close other Sluice tabs and try again.',
  version: 'Version {version}',
  privacy:
    'Files travel only between the two browsers, encrypted. A public server introduces the devices; it never sees the files or their names.',

  doctor: 'Check the connection',
  doctorLead: 'What Sluice needs, tried one by one on this device.',
  doctorRunning: 'Checking',
  doctorAllGood: 'Everything Sluice needs is here.',
  doctorTroubles: {
    one: '{count} thing needs your attention.',
    other: '{count} things need your attention.',
  },
  doctorAgain: 'Check again',
  doctorCopy: 'Copy report',
  doctorCopyHint: 'The report has no codes, addresses, passwords or file names in it.',
  doctorVerdicts: {
    running: 'checking',
    good: 'good',
    poor: 'could be better',
    bad: 'does not work',
    unknown: 'not tried',
  },
  doctorNames: {
    'secure-context': 'Secure page',
    webrtc: 'Connecting to devices',
    storage: 'Storage',
    lanes: 'Transfers beside the page',
    broker: 'Introducing server',
    addresses: 'This network',
    udp: 'Way to other networks',
    relay: 'Relay',
  } satisfies Record<DoctorCheck, string>,
  doctorGood: {
    'secure-context': 'The page came over a secure connection.',
    webrtc: 'This browser can connect to other devices.',
    storage: 'Received files are kept on disk.',
    lanes: 'Files travel beside the page, so it stays quick.',
    broker: 'The server that introduces devices answered in {time}.',
    addresses: 'Devices on the same network can find this one.',
    udp: 'Devices on other networks can find this one.',
    relay: 'A relay is ready for when there is no direct way.',
  } satisfies Record<DoctorCheck, string>,
  doctorFaults: {
    storageTight: {
      what: 'Little room is left for received files: {size}.',
      next: 'Make room on this device.',
    },
    storageMemory: {
      what: 'Received files are kept in memory only, and are lost when the page closes.',
      next: 'Leave the private window, or save every file right away.',
    },
    lanesOnPage: {
      what: 'In this browser all bytes go through the page, which is slower.',
      next: 'Update the browser. Until then keep the page in front while files travel.',
    },
    brokerUnreachable: {
      what: 'The server that introduces devices cannot be reached.',
      next: 'Check that this device is online. If it is, its network blocks the server: use another one.',
    },
    noAddresses: {
      what: 'The browser tells no network address of this device.',
      next: 'Check that it is online, and switch off extensions that block WebRTC.',
    },
    udpBlocked: {
      what: 'This network blocks the direct way to other networks (UDP).',
      next: 'Use another network, for example a phone hotspot, or a relay.',
    },
    noStun: {
      what: 'No STUN server is set, so devices on other networks may not find this one.',
      next: 'On the same network nothing is missing. For others, add one in Settings.',
    },
    noRelay: {
      what: 'No relay is set: two strict networks may not come together.',
      next: 'Use a phone hotspot when that happens, or add a TURN server in Settings.',
    },
    relayMissing: {
      what: 'Only a relay may be used, but none is set.',
      next: 'Add a TURN server in Settings, or allow direct connections there.',
    },
    relaySilent: {
      what: 'The relay does not answer.',
      next: 'Check its address, user name and password in Settings.',
    },
  } satisfies Record<string, FaultWords>,

  notifications: 'Notifications',
  notificationsHint: 'When somebody wants to send you something, and when a transfer is done.',
  notificationsOn: 'Switched on. The browser can switch them off again.',
  notificationsBlocked: 'Notifications are blocked. Allow them for this site in the browser.',
  installTitle: 'Keep Sluice at hand?',
  installHint: 'Installed, it opens like an app, and others can share files to it.',
  installIos: 'Tap Share, then Add to Home Screen.',
  install: 'Install',
  notNow: 'Not now',
  updateReady: 'A new version is ready.',
  updateNow: 'Use it now',
  updateElsewhere: 'Sluice is busy in another tab. Finish there first.',
  notifyAsk: 'Shall Sluice tell you when it is done?',
  notifyYes: 'Notify me',

  crashTitle: 'Something broke on this page',
  crashText: 'Reload it. Unfinished transfers go on where they were.',
  reload: 'Reload',
  dismiss: 'Dismiss',

  saidShareOpen: 'Your code is ready: {code}',
  saidPeerJoined: '{name} connected',
  saidPeerGone: '{name} is away',
  saidTransfer: '{title}: {phase}',
  saidProposed: '{name} wants to send you {title}',

  faults: {
    'rule-broken': {
      what: 'The other device sent something Sluice does not allow, so the connection was closed.',
      next: 'What you have is safe. Reload the page on both devices and connect again.',
    },
    'version-mismatch': {
      what: 'The two devices run different versions of Sluice.',
      next: 'Nothing is lost. Reload the page on both devices, then connect again.',
    },
    'hash-mismatch': {
      what: 'A piece kept arriving damaged, so the transfer stopped.',
      next: 'The original is fine. Send it again.',
    },
    'source-changed': {
      what: '{name} was changed, moved or can no longer be read.',
      next: 'Nothing else is affected. Choose the files again to send them.',
    },
    'source-needed': {
      what: 'After the reload this page cannot open {name} any more.',
      next: 'Nothing is lost. Choose it again, and it goes on where it was.',
    },
    'disk-full': {
      what: 'This device has no room: {size} more is needed.',
      next: 'What arrived is kept. Make room, then continue.',
    },
    'storage-failed': {
      what: 'This browser could not store the files.',
      next: 'The original is fine. Reload the page and try again, not in a private window.',
    },
    'peer-failed': {
      what: 'The other device could not go on.',
      next: 'The original is fine. Look at the other device, then send again.',
    },
    declined: {
      what: 'The offer was declined.',
      next: 'Nothing was sent. You can offer it again.',
    },
    cancelled: {
      what: 'The transfer was cancelled.',
      next: 'The original is fine. It can be sent again.',
    },
    'peer-gone': {
      what: 'The other device does not answer.',
      next: 'Nothing is lost. It goes on by itself when the device is back.',
    },
    'peer-left': {
      what: 'The other device disconnected.',
      next: 'Finished files are safe. Connect again to send more.',
    },
    'no-path': {
      what: 'The two networks let no connection through.',
      next: 'Nothing is lost. Put one device on another network, for example a phone hotspot.',
    },
    'broker-unreachable': {
      what: 'The server that introduces devices cannot be reached.',
      next: 'It is tried again by itself. Check that this device is online.',
    },
    'peer-unavailable': {
      what: 'No device shows this code yet.',
      next: 'It is tried again by itself. Check the code, and that the page is open on the other device.',
    },
    'no-nameplate': {
      what: 'No free code was found.',
      next: 'Nothing is lost. Wait a minute and try again.',
    },
    'code-malformed': {
      what: 'This is not a complete code or link.',
      next: 'A code is a number and three words, like 4821-maple-otter-quartz.',
    },
    'not-verified': {
      what: 'The code did not match.',
      next: 'Nothing was sent. The other device shows a new code now: use that one.',
    },
    'code-refused': {
      what: 'The other device takes no codes any more.',
      next: 'Nothing was sent. Ask for the link, or scan the picture.',
    },
    'share-taken': {
      what: 'Somebody else has joined already, and it was for one person only.',
      next: 'Nothing was sent. Ask for a new code.',
    },
    'too-much': {
      what: 'That is too much for one transfer.',
      next: 'Nothing was sent. Send it in several parts.',
    },
    unsupported: {
      what: 'This browser cannot do it.',
      next: 'Nothing is lost. Open Sluice in a current browser.',
    },
  } satisfies Record<Fault['code'], FaultWords>,

  /** Said instead of `faults[…]` where the facts or the place allow a better sentence. */
  special: {
    shareNotVerified: {
      what: 'Somebody entered a wrong code, so it was replaced.',
      next: 'Nobody got in. Tell the new code below.',
    },
    shareBrokerUnreachable: {
      what: 'The server that introduces devices cannot be reached.',
      next: 'Devices already connected stay connected. It is tried again by itself.',
    },
    linkNotVerified: {
      what: 'The link did not match.',
      next: 'Nothing was sent. Ask for a new link.',
    },
    linkUnavailable: {
      what: 'The device behind this link does not answer yet.',
      next: 'It is tried again by itself. Check that the page is open there.',
    },
    cancelledByMe: { what: 'You cancelled it.', next: 'The original is fine.' },
    cancelledByPeer: {
      what: 'The other device cancelled it.',
      next: 'The original is fine. It can be sent again.',
    },
    peerDiskFull: {
      what: 'The other device has no room left.',
      next: 'The original is fine. Make room there, then send again.',
    },
    peerStorageFailed: {
      what: 'The other device could not store the files.',
      next: 'The original is fine. Reload the page there, then send again.',
    },
    peerSourceChanged: {
      what: 'A file changed or vanished on the other device.',
      next: 'Ask for it to be sent again.',
    },
    tooMuchFiles: {
      what: 'That is more than {count} files.',
      next: 'Nothing was sent. Send them in parts, or as one archive.',
    },
    tooMuchBytes: {
      what: 'That is more than {size}.',
      next: 'Nothing was sent. Send it in several parts.',
    },
    tooMuchPath: {
      what: 'The folders are nested too deeply, or a name is too long.',
      next: 'Nothing was sent. Send it as one archive.',
    },
    tooMuchText: {
      what: 'The text is too long.',
      next: 'Nothing was sent. Send it as a file.',
    },
    unsupportedSecureContext: {
      what: 'This page was not opened over a secure connection.',
      next: 'Open it again with https:// in front.',
    },
    unsupportedWebrtc: {
      what: 'This browser cannot connect to other devices.',
      next: 'Open Sluice in a current Chrome, Edge, Firefox or Safari, with WebRTC switched on.',
    },
    unsupportedStorage: {
      what: 'This browser cannot keep files.',
      next: 'Leave the private window, or allow this site to store data.',
    },
  } satisfies Record<string, FaultWords>,
} as const;

type Widened<T> = T extends string
  ? string
  : T extends Plural
    ? Plural
    : { readonly [Key in keyof T]: Widened<T[Key]> };

/** The shape of a catalogue: what {@link en} has, in any language. */
export type Words = Widened<typeof en>;
