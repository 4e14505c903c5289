/**
 * Real kinds of names and what people type to find them, and what must not find them. Every store and the
 * tokenizer's own check are held to each line.
 */

/** A path, the searches that find it, the searches that do not. */
export type NameCase = readonly [path: string, finds: readonly string[], misses: readonly string[]];

export const nameCorpus: readonly NameCase[] = [
  // Separators
  [
    '/v/The.Quick_Brown-Fox (2019) [1080p].mkv',
    ['quick brown fox', 'the quick', 'fox 2019', '1080p', 'brown-fox'],
    ['quickfox', 'own'],
  ],
  ['/v/a+b=c & d.txt', ['a b c d', 'a+b=c', 'c&d'], ['ad']],
  ['/v/100% Pure (feat. Someone).mp3', ['100 pure', '100% pure', 'feat someone', '(feat.'], ['10 pure']],
  ['/v/C++ Primer, 5th ed..pdf', ['c++ primer', 'c primer', 'primer 5th', 'primer 5th ed'], ['d primer']],
  ['/v/no_spaces_at_all.txt', ['spaces all', 'no spaces'], ['nospaces']],
  ['/v/  double  spaces  .txt', ['double spaces'], []],
  ['/v/#hashtag @name $money.txt', ['hashtag name money', '@name'], []],
  ['/v/a.b.c.d.e', ['a.b.c', 'e d', 'abcde'], ['ace ']],
  ['/v/1,000.50 euros.txt', ['1,000.50', '000 euros', '1 000 50'], ['1000']],

  // Short words bound by a separator
  [
    '/m/Wu-Tang Clan - C.R.E.A.M..mp3',
    ['wutang', 'wu-tang', 'wu tang', 'cream', 'c.r.e.a.m.', 'wu-tang clan'],
    ['wut '],
  ],
  ['/m/wutang forever.mp3', ['wu-tang', 'wutang', 'wutang for'], ['wu tang']],
  ['/m/D.M.X. - Ruff.mp3', ['dmx', 'd.m.x', 'd.m.x.', 'dmx ruff', 'D M X'], ['dm ']],
  ['/m/DMX live.ogg', ['d.m.x', 'dmx', 'd.m.x live'], ['d m x']],
  ['/m/R.E.M. - Losing.flac', ['rem losing', 'r.e.m.', 'r.e.m losing'], []],
  ['/m/AC-DC Back in Black.mp3', ['acdc', 'ac-dc', 'ac dc', 'ac/dc'], []],
  ["/m/Rock'n'Roll.mp3", ['rocknroll', "rock'n'roll", 'rock roll', 'rock n roll'], []],
  ["/m/Don't Stop.mp3", ['dont stop', "don't stop", 'don’t stop', 'don stop'], []],
  ['/m/R&B mix.mp3', ['rb mix', 'r&b', 'r b'], []],
  ['/m/X-Men 2.mkv', ['xmen', 'x-men 2', 'x men'], []],
  ['/m/e-mail backup.mbox', ['e-mail', 'mail'], ['backup-mails']],
  ['/m/jay-z.mp3', ['jay z', 'jay-z', 'jay'], ['z-jay']],
  ['/m/Hip-Hop Hits.zip', ['hiphop', 'hip hop', 'hip-hop'], []],

  // Letters and digits
  [
    '/v/Show.S01E02.720p.x264-GRP.mkv',
    ['show s01e02', 's01', 'e02', 's01 e02', 'S01E02', '720p', '720', 'x264', 'show s01e0', '01 02'],
    ['s01e03', 's02', 'e01'],
  ],
  ['/v/Show s1e2.avi', ['s1e2', 's1 e2', 'S1E2'], ['s01e02']],
  ['/v/Show 05x02 Title.avi', ['05x02', '05 02', 'show 05'], ['05x03', '02x05']],
  ['/v/Season 5 Episode 2.avi', ['season 5 episode 2', 'episode 2'], ['s05e02']],
  ['/v/track03.mp3', ['track03', 'track 03', 'track'], ['track 3']],
  ['/v/03 - Something.mp3', ['03 something'], ['3 something', '3']],
  ['/v/2001 A Space Odyssey.mkv', ['2001', 'space odyssey', '2001 odyssey', '200'], ['01']],
  ['/v/mp3 collection.txt', ['mp3 collection', 'mp 3'], []],
  ['/v/One Song.mp3', ['mp3', 'song mp3', 'song.mp3'], ['3', 'song 3']],
  ['/v/IMG_20240131_142233.jpg', ['img 20240131', '20240131', '142233', 'img_2024', '2024'], ['0131']],
  ['/v/v1.2.3-beta4.tar.gz', ['v1.2.3', '1.2', 'beta4', 'beta 4', 'tar gz', 'v1'], ['v2']],
  ['/v/H.264 vs H265.pdf', ['h.264', 'h265', '264'], ['h266']],
  ['/v/9Nine9.txt', ['9nine9', 'nine', '9 nine 9', '9nine'], ['nine99']],
  ['/v/4K.UHD.2160p.mkv', ['4k uhd', '4k', '2160'], []],

  // camelCase
  ['/c/myFileName.ts', ['my file name', 'myfilename', 'myFileName', 'file name', 'myfile'], ['filename ']],
  ['/c/HTTPServerFactory.java', ['http server', 'httpserver', 'factory', 'HTTPServerFactory'], ['httpd']],
  ['/c/parseJSONToXML2.py', ['parse json', 'json xml', 'xml 2', 'parsejson'], ['jsonx']],
  ['/c/iPhone15Pro.png', ['iphone', 'iphone 15', 'phone 15', 'iphone15pro', 'pro'], []],
  ['/c/MacBook Pro.txt', ['macbook', 'mac book', 'book pro'], []],
  ['/c/JavaScript.pdf', ['javascript', 'java script', 'java', 'script'], []],
  ['/c/javascript.pdf', ['JavaScript', 'javascript', 'javas'], ['script']],
  ['/c/ALLCAPS.TXT', ['allcaps', 'allc'], ['caps']],
  ['/c/ÉcoleÀParis.txt', ['ecole a paris', 'ecoleaparis', 'école'], []],

  // Accents and special letters
  ['/l/Café_Del-Mar.mp3', ['cafe del mar', 'café', 'CAFÉ DEL', 'delmar'], []],
  ['/l/Cafe\u0301 decomposed.mp3', ['café decomposed', 'cafe'], []],
  ['/l/Straße.txt', ['strasse', 'straße', 'STRASSE', 'STRAẞE'], ['strase']],
  ['/l/Ørsted Æther Œuvre.txt', ['orsted', 'ørsted', 'aether', 'oeuvre'], []],
  ['/l/Łódź Đorđe.txt', ['lodz', 'łódź', 'dorde', 'đorđe'], []],
  ['/l/Þór Íslands.txt', ['thor', 'þór', 'islands'], []],
  ['/l/Motörhead - Ace.mp3', ['motorhead', 'motörhead ace', 'MOTÖRHEAD'], ['motoerhead']],
  ['/l/İstanbul ışık.txt', ['istanbul', 'isik', 'ISTANBUL'], []],
  ['/l/naïve façade.txt', ['naive facade', 'naïve'], []],
  ['/l/Dvořák Symfonie č. 9.flac', ['dvorak', 'dvořák 9', 'symfonie c'], []],
  ['/l/Nguyễn Văn.txt', ['nguyen van', 'nguyễn'], []],
  ['/l/São Paulo.jpg', ['sao paulo'], []],
  ['/l/ﬁnal ofﬁce.doc', ['final office'], []],
  ['/l/ｆｕｌｌｗｉｄｔｈ１２３.txt', ['fullwidth', 'fullwidth123', '123'], []],
  ['/l/x² ½.txt', ['x2', '1 2'], []],

  // Other alphabets
  ['/w/Война и мир.fb2', ['война', 'мир война', 'ВОЙНА', 'вой'], ['ойна']],
  ['/w/Ёлка.mp3', ['ёлка', 'елка'], []],
  ['/w/Ελληνικός λόγος.txt', ['ελληνικος', 'ΛΟΓΟΣ', 'λόγος'], []],
  ['/w/שלום עולם.txt', ['שלום', 'עולם שלום'], []],
  ['/w/مُحَمَّد كتاب.pdf', ['محمد', 'كتاب محمد'], []],
  ['/w/हिन्दी गाना.mp3', ['हिन्दी', 'गाना'], ['हन्द ', 'गन ']],
  ['/w/दौलत दूल.mp3', ['दौलत', 'दूल'], ['दिल ', 'दल ']],
  ['/w/น้ำตก.txt', ['น้ำตก'], ['นำตก ', 'นาตก ']],
  ['/w/می\u200cخواهم.mp3', ['می\u200cخواهم', 'میخواهم'], []],
  ['/w/ภาษาไทย.txt', ['ภาษาไทย', 'ภาษา'], []],
  ['/w/ქართული.txt', ['ქართული'], []],
  ['/w/𐐔𐐯𐑅𐐨𐑉𐐯𐐻.txt', ['𐐼𐐯𐑅𐐨𐑉𐐯𐐻'], []],
  ['/w/𝓕𝓪𝓷𝓬𝔂.txt', ['fancy'], []],

  // Ideographs, kana, Hangul
  [
    '/j/東京物語.mkv',
    ['東京物語', '東京', '京物', '物語', '語', '東', '物語 東京'],
    ['京東', '東物', '京都'],
  ],
  ['/j/東京タワー tower.mkv', ['東京タワー', 'タワー', 'tower 東京', 'タワーtower'], ['東タワ']],
  [
    '/j/新世紀エヴァンゲリオン 第01話.mkv',
    ['エヴァンゲリオン', '新世紀', '01', '第01話', 'ヴァン'],
    ['エバンゲリオン'],
  ],
  ['/j/ｶﾞﾝﾀﾞﾑ.mkv', ['ガンダム', 'ガン'], ['カンタム']],
  ['/j/か\u3099くせい.txt', ['がくせい'], ['かくせい']],
  ['/j/中文电影2024高清.mp4', ['中文电影', '电影 2024', '高清', '2024'], ['影2电']],
  ['/j/龍.txt', ['龍'], ['竜']],
  ['/j/人々の話.txt', ['人々', '々の'], []],
  ['/j/한국어사전.txt', ['한국어', '국어', '사전', '한국어사전', '한국'], ['한어']],
  ['/j/봄 노래.mp3', ['봄', '봄 노래', '노래'], ['래노']],
  ['/j/방탄소년단 BTS.mp3', ['방탄소년단', 'bts 방탄', '소년단'], []],
  ['/j/𠮷野家.txt', ['𠮷野家', '𠮷'], ['吉野家']],

  // Words that are odd
  [
    '/o/d41d8cd98f00b204e9800998ecf8427e.bin',
    ['d41d8cd98f00b204e9800998ecf8427e', 'd41d8cd98f00b204', 'd41d8cd9'],
    ['98f00b204'],
  ],
  [
    '/o/Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbau.txt',
    ['donaudampfschifffahrtselektrizitatenhauptbetriebswerkbau', 'donaudampf'],
    ['hauptbetrieb'],
  ],
  ['/o/README', ['readme', 'READ'], ['read ']],
  ['/o/.hidden.conf', ['hidden conf', '.hidden'], []],
  ['/o/HD OS.iso', ['hd', 'os hd'], ['hdos']],
  ['/o/x.txt', ['x', 'x txt'], []],
  ['/o/a b c d e f g h i j k l m n o p.txt', ['a p', 'p'], ['q']],
  ['/o/re: zero.mkv', ['re:zero', 're zero', 're: zero'], []],
  ['/o/emoji 🎉 party.txt', ['emoji party', '🎉 party'], []],

  // Folders
  [
    '/Music/Pink Floyd/1977 - Animals/02 Dogs.flac',
    ['floyd dogs', 'animals dogs', 'pink floyd', '1977', 'music dogs', '02 animals'],
    ['cats'],
  ],
  ['/Serien/Dark/Staffel 2/Folge 3.mkv', ['dark staffel 2 folge 3', 'staffel', 'dark'], ['"dark folge"']],

  // Phrases and exclusions
  [
    '/p/the long and winding road.mp3',
    ['"long and winding"', '"winding road"', '"the long" road', 'long -short', '"road"'],
    ['"winding long"', 'long -road', 'long -"winding road"', '"long road"'],
  ],
  [
    '/p/MyVeryLong.S01E02.txt',
    ['"my very long"', '"very long s01e02"', '"long s01"', '"MyVeryLong"'],
    ['"my long"', '"ong s01"'],
  ],
  ['/p/東京 物語.txt', ['"東京 物語"', '東京 物語'], ['"物語 東京"', '京物']],
  [
    '/p/wu-tang clan.txt',
    ['"wu tang clan"', '"wutang clan"', '"tang clan"'],
    ['"wu clan"', 'clan -wutang', 'clan -wu-tang'],
  ],

  // Complaints: short and joined forms, stylised names
  ['/k/AC⁄DC - T.N.T..mp3', ['ac dc', 'tnt', 't.n.t'], ['acd ']],
  ['/k/P!nk - So What.mp3', ['p!nk', 'p nk', 'so what'], ['pink']],
  ['/k/A$AP Rocky.mp3', ['a$ap rocky', 'a$ap', 'rocky'], ['asap']],
  ['/k/blink-182 - Dammit.mp3', ['blink 182', 'blink-182', 'blink182', '182'], ['blink 183']],
  ['/k/Sum 41 - Motivation.mp3', ['sum41', 'sum 41', 'sum-41'], ['sum4 ']],
  ['/k/U2 - One.mp3', ['u2', 'u2 one', '"u2 one"'], ['u3']],
  ['/k/M.I.A. - Paper Planes.mp3', ['mia', 'm.i.a', 'm.i.a. paper'], ['mi ']],
  ['/k/S.H.I.E.L.D.mkv', ['shield', 's.h.i.e.l.d', 's h i e l d'], ['shields']],
  ['/k/T-Pain & a-ha.mp3', ['t-pain', 'tpain', 'aha', 'a-ha'], ['pain t-a']],
  ["/k/Guns N' Roses - Don’t Cry.mp3", ['guns n roses', "guns n' roses", 'dont cry', "don't cry"], ['gunsn']],
  ['/k/Simon & Garfunkel.mp3', ['simon garfunkel', 'simon & garfunkel'], ['simon and garfunkel']],
  ["/k/Sinéad O'Connor.mp3", ["sinead o'connor", 'o’connor', 'connor', 'oconnor', 'oconn'], ['oconnors']],
  ["/k/L'été indien.mp3", ["l'ete", 'lété', 'ete indien', 'l’été'], ['leté x']],
  [
    '/k/Spider-Man 2.mkv',
    ['spider man', 'spider-man', 'spider-man 2', 'spiderman', 'spiderm'],
    ['spider-men', 'spidermen'],
  ],
  [
    '/k/Spiderman Unlimited.mkv',
    ['spider-man', 'spider-man unlimited', 'spider-m', 'spiderman'],
    ['spider-men', 'man'],
  ],
  [
    '/k/Ant-Man-Collection.mkv',
    ['antman', 'antman-collection', 'ant man collection', 'mancollection'],
    ['antcollection'],
  ],
  ['/k/WALL·E.mkv', ['walle', 'wall e', 'wall-e', 'wall·e'], ['wallet']],
  ['/k/OConnor interview.mp3', ["o'connor", 'o’connor interview', 'oconnor'], ["o'connors"]],
  ['/k/Film.H264.mkv', ['h.264', 'h264', '264', 'film h.264'], ['h.265', 'x.264']],
  ['/k/brown dog and fox.txt', ['brown-fox', 'fox-brown'], ['brownfox']],
  ['/k/R2-D2 and C-3PO.txt', ['r2d2', 'r2-d2', 'r2 d2', 'c-3po', 'c3po'], ['r2d3']],
  ['/k/Wi-Fi X-Ray co-op e-book.txt', ['wifi', 'xray', 'coop', 'ebook', 'wi fi', 'x-ray'], ['wifix']],
  ['/k/hip hop classics.mp3', ['hip-hop', 'hip hop'], ['hops']],
  ['/k/www.example.com - Song.mp3', ['example com', 'www.example.com', 'song'], ['ample']],

  // Complaints: episodes, seasons, versions, dates
  ['/e/Serie 05x02 Folge.avi', ['05x', '05x0', '05x*', 'serie 05x', '02 folge'], ['5x02', '05x1']],
  ['/e/Serie 1x02.avi', ['1x02', '1x', '1 02'], ['01x02']],
  ['/e/Show.s01.e02.mkv', ['s01e02', 's01 e02', 's01.e02'], ['s02e01']],
  ['/e/Season01Episode02.mkv', ['season 01', 'episode 02', 'season01', 'season01episode02'], ['season 03']],
  [
    '/e/[Group] Anime - 05 [1080p][ABCD1234].mkv',
    ['anime 05', '[group] anime', 'abcd1234', '05 1080p'],
    ['anime 5'],
  ],
  [
    '/e/Film.2160p.UHD.BluRay.x265-GRP.mkv',
    ['film 2160p', 'bluray', 'blu ray', 'x265', 'uhd x265'],
    ['x264', 'ray uhd film dvd'],
  ],
  ['/e/DTS-HD 7.1 AAC2.0.mkv', ['dts-hd', 'dtshd', '7.1', 'aac2.0', 'aac 2.0'], ['dts-hds']],
  ['/e/report 2024-01-31.pdf', ['2024-01-31', '20240131', '2024 01', '2024-01'], ['2024-02']],
  ['/e/1920x1080 wallpaper.png', ['1920x1080', '1920', '1080 wallpaper'], ['1920x1200']],
  ['/e/node.js 22.1.0 x86_64.tar.gz', ['node js', 'node.js', 'x86_64', 'x86', '22.1.0', '22.1'], ['nodejs ']],
  ['/e/UTF-8 and C# in .NET.pdf', ['utf-8', 'utf8', 'c#', '.net'], ['utf-16']],
  ['/e/Final Fantasy VII.iso', ['final fantasy vii', 'fantasy vi'], ['final fantasy 7']],

  // Complaints: camelCase and words run together
  ['/t/getURLFromID.ts', ['get url', 'url from id', 'geturl', 'getURLFromID'], ['rlf']],
  [
    '/t/YouTube LaTeX eBay OpenGL4.txt',
    ['youtube', 'you tube', 'latex', 'ebay', 'opengl', 'open gl', 'opengl4'],
    ['tubex'],
  ],
  ['/t/iOS17 MacOSX.dmg', ['ios17', 'ios 17', 'macosx', 'mac'], ['ios 16']],
  [
    '/t/snake_case-kebab-case.PascalCase.txt',
    ['snake case', 'kebab case', 'pascal case', 'pascalcase'],
    ['snakecase '],
  ],

  // Complaints: accents, folds and other scripts
  ['/u/Beyoncé – Déjà Vu.mp3', ['beyonce', 'deja vu', 'Beyoncé déjà', 'BEYONCÉ'], ['beyonc ']],
  ['/u/Sigur Rós, Björk & Mötley Crüe.mp3', ['sigur ros', 'bjork', 'motley crue', 'Björk'], ['bjoerk']],
  ['/u/Ångström Smörgåsbord.pdf', ['angstrom', 'smorgasbord', 'SMÖRGÅSBORD', 'ångström'], ['aangstrom']],
  ['/u/Encyclopædia Žižek Škoda.pdf', ['encyclopaedia', 'zizek', 'skoda', 'encyclopædia'], ['encyclopedia']],
  ['/u/Übergröße.jpg', ['ubergrosse', 'übergröße', 'ÜBERGRÖSSE'], ['uebergroesse']],
  ['/u/Đường về.mp3', ['duong ve', 'đường', 'duong'], ['dường x']],
  ['/u/Йога для всех.mp3', ['йога', 'иога', 'ЙОГА для'], ['ога']],
  ['/u/שָׁלוֹם.txt', ['שלום', 'שָׁלוֹם'], ['לום']],
  ['/u/नमस्ते दुनिया.txt', ['नमस्ते', 'दुनिया'], ['निया']],
  ['/u/ΑΘΗΝΑ Οδυσσέας.txt', ['αθηνα', 'αθήνα', 'οδυσσεας', 'ΟΔΥΣΣΕΑΣ'], ['θηνα']],
  ['/u/ｆｉｌｍ　２０２４.mkv', ['film 2024', '2024', 'film'], ['film 2023']],
  ['/u/e\u0301te\u0301 2024.jpg', ['été', 'ete 2024', 'e\u0301te\u0301'], ['et ']],

  // Complaints: ideographs that other indexes glue together or drop
  ['/h/進撃の巨人 第2期.mkv', ['進撃', '巨人', '進撃の巨人', '第2期', '巨人 第2期'], ['撃巨', '第3期']],
  ['/h/ドラゴンボールZ.mkv', ['ドラゴン', 'ボール', 'ドラゴンボールz', 'ボールZ'], ['ドラボ']],
  ['/h/NHKスペシャル AKB48.mp4', ['nhk', 'スペシャル', 'akb48', 'akb 48', 'nhkスペシャル'], ['akb49']],
  ['/h/東京喰種トーキョーグール.epub', ['東京喰種', 'トーキョー', '喰種', 'グール'], ['東喰']],
  ['/h/红楼梦 第十二回.txt', ['红楼梦', '红楼', '第十二回', '楼梦 十二'], ['紅樓夢', '红梦']],
  ['/h/기생충 (2019).mkv', ['기생충', '기생', '기생충 2019', '생충'], ['기충']],
  ['/h/周杰伦 - 七里香.flac', ['周杰伦', '七里香', '周杰伦 七里香', '里香'], ['周伦', '七香']],
  ['/h/한글과English혼합.txt', ['한글', 'english', '혼합', '한글과english'], ['글한']],

  // Alternatives
  [
    '/a/red sunset beach.jpg',
    [
      'red OR green',
      'green OR red',
      'sunset OR sunrise beach',
      'beach sunset|sunrise',
      '(red beach) OR (green hill)',
      '"sunset beach" OR "sunset hill"',
      'gre* OR sun*',
      'hill OR bea',
      'sunset ext:png,jpg',
      'ext:png ext:jpg beach',
      'red -green -hill',
      'red peer:alice',
      'peer:"alice",bob beach OR hill',
      'beach size:<1G type:image,video',
    ],
    [
      'green OR blue',
      'green OR red hill',
      '(red hill) OR (green beach)',
      '"beach sunset" OR "red beach"',
      'gre* OR hil*',
      'red OR green -sunset',
      'red OR green -sun*',
      'sunset ext:png',
      'beach type:video',
      'red peer:bob',
      'beach OR hill peer:nobody',
    ],
  ],
  [
    '/a/Wu-Tang S01E02 myFile 東京.mkv',
    [
      'wutang OR x',
      'x OR wu-tang',
      'x OR s01e02',
      's01 OR s02 wu-tang',
      'x | 東京',
      '京都 OR 東京',
      'my file OR folder',
      'myfile OR x',
      '(x y) OR (wu tang)',
      '((x OR wu-tang) e02) OR y',
      '東京* wu*',
    ],
    ['x OR y', '京都 OR 大阪', 's01e03 OR s02e02', '(wu x) OR (tang y)', 'tangs* OR wus*', 'x OR 東京 y'],
  ],
  [
    '/a/this or that.txt',
    ['this or that', 'or that', '"or" this', '"this or"', 'OR-that'],
    ['-or this', 'this -"or that"'],
  ],
  [
    '/a/prefixes everywhere.txt',
    ['pre* every*', 'pre* everywhere', 'p* every', 'prefix*'],
    ['refix* every', 'pre everywhere'],
  ],
];
