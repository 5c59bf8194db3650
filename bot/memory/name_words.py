"""Words beside which names stand, and words that follow them, in twelve languages: for bot/memory/name_cues.py."""

from __future__ import annotations

import re

# Behind these comes a name, whatever its letters look like.
STRONG = (
    "ich hei(?:ß|ss)e|mein name ist|mein name|ich werde \\w+ genannt|(?:er|sie|sohn|tochter|mann|frau|bruder|schwester|kind|vater|mutter) hei(?:ß|ss)t"
    "|namens|hier ist|vorname|nachname|my name is|my name's|i am called|call me|(?:son|daughter|husband|wife|brother|sister|mother|father) is called|named"
    "|she is called|he is called|(?:his|her) name is|[إا]سمي|[إا]سمه|[إا]سمها|إسمو|اسمو|esmi|ismi|isme|smi|اسم من|نام من|اسمم|نامم|اسمش|نام خانوادگی من|نامش"
    "|esme man|esmam|esm man|name man|زما نوم|نوم مې|نوم می|نوم یې|نوم یی|zama num|zama nom|num me"
    "|мене звати|мене звуть|моє ім['’ʼ]?я|мо[єе] прізвище|(?:доньку|сина|чоловіка|дружину|її|його) звати|mene zvaty|mene zvut"
    "|меня зовут|мо[её] имя|моя фамилия|(?:сына|дочь|дочку|мужа|жену|его|её|ее) зовут|menya zovut|menja zovut"
    "|(?:benim )?ad[ıi]m|(?:benim )?ismim|soyad[ıi]m|(?:oğlumun|kızımın|eşimin|kocamın) ad[ıi]"
    "|navê min û paşnavê min|navê min|nave min|navê (?:kurê|keça|mêrê|jina) min|ناوم|ناوی من"
    "|me llamo|mi nombre es|se llama|mi apellido es|je m['’]appelle|mon nom est|je me nomme|s['’]appelle"
    "|ስመይ|ሽመይ|ስሙ|ስማ|smey|simey|shimey"
)
# Behind these, too, but only a capital shows it.
TITLES = (
    "herrn?|frau|hr\\.|fr\\.|dr\\.|prof\\.|doktor|familie|mr\\.?|mrs\\.?|ms\\.?|miss|doctor|пан[іа]?|панові|лікар[яь]?|господин[уа]?|госпож[аеуи]"
    "|доктор[ау]?|врач|sayın|birêz|xanim|mamoste|señora?|sra?\\.?|don|doña|el doctor|la doctora|monsieur|madame|mme|m\\.|docteur|avocat|anwalt|anwältin"
    "|(?:my|mein|meine|мій|моя|мой|mi|mon|ma) (?:husband|wife|brother|sister|mari|femme|frère|soeur|sœur|esposo|esposa|marido|hermano|hermana"
    "|чоловік|дружина|брат|сестра|муж|жена)|(?:mein|meine) (?:ehemann|freund|freundin)|kocam|eşim|kardeşim|ablam|abim|mêrê min|jina min|birayê min|xwişka min"
)
# Titles in letters without capitals; one word follows, unless it is one of OTHERS.
UNCASED = (
    "السيدة|السيد|الأستاذ|الاستاذ|الدكتورة?|آقای|اقای|خانم|داکتر|دکتر|ښاغلی|ښاغلي|مېرمن|ډاکټر|ኣይተ|ወይዘሮ|ዶክተር|ደክተር|زما مېړه|زما ورور"
    "|በዓል ቤተይ|ሓወይ|ሓፍተይ"
)
GREETINGS = (
    "lg|vg|mfg|(?:liebe|viele|beste|herzliche) grü(?:ß|ss)e|mit freundlichen grü(?:ß|ss)en|gru(?:ß|ss)|(?:best |kind )?regards|sincerely|з повагою"
    "|с уважением|sayg[ıi]lar[ıi]mla|saludos|atentamente|cordialement|مع التحية|مع تحياتي|تحياتي|با احترام|با سپاس|په درناوي|په درناوی"
    "|bi r[êe]z û hurmet|bi r[êe]z|silav û r[êe]z|ምስ ምስጋና|ምስ ሰላምታ|شكرا،|شكراً،|danke,|merci,|thanks,"
)
# Words that follow names, and words that follow the cues without being names; all lower case.
OTHERS = frozenset(
    (
        "und aus ich bin ist suche wohne komme habe brauche möchte will in bei der die das mein meine nicht falsch geändert ändern steht auf von im "
        "vom jobcenter bitte wie was wer lebt hat sagt sagte mit frau herr mann kind kinder namens wegen noch "
        "and from i am is my in of the to not wrong a an who at on with has have was need want live says said for "
        "من و في على انا أنا عندي بدي ساكن عمره عمرها عمري مو غلط بال مع كيف وين هو هي عن ما لا قال قالت بجواز حامل بجوازي بالشهر لم لن هنا يلي اللي لازم مكتوب "
        "است هست هستم از در که دنبال و اشتباه غلط دارم ندارم می‌خواهم میخواهم نوشته شده را به با برای زندگی کجا کجاست نیست نمی قبول قبولش گفت گفته عیب خوب من ما شما "
        "چیست چیه چی پرسیدم روان پیر پوست گوارش گوش مرد زن بچه بعد فارسی افغان افغانی ایرانی خانوادگی فامیلی جوان نوبت نمبر می نمی "
        "راته درته ورته چاته وزګار راکړئ راکوي څوک شته نشته راغلی نوی نوي لیک بېرته کله یوه سبا وایی وائي لرې وژلی "
        "اسنان أسنان عيون عظمية عربي عربية تبعي هاي بيطري نسائي أطفال اطفال العيلة نفسي "
        "መን ትማሊ ነይራ ነይሩ እቲ እታ እውን ትግርኛ ስልከይ ድሕሪ ብዘይ ስራሕ ንዓይ ንሓደ ጥራይ ደሓን ድዩ ዶ ሰበይቱ ለይቲ ይኸይድ "
        "back please when later if tomorrow today comment para no tê dît dibêje bibêje söyle nasıl nedir gerekli okunmuyor "
        "زنانه متخصص چشم دندان کودکان عمومی می‌خواهد باشد شوهر نزدیک "
        "دی ده دی، یم یې په کې کی ته له چې څه څنګه چېرته نه نلري غواړم وايي وویل لپاره سره د زه مې ښه غواړی غواړي کار "
        "і та з із я мені їй йому у в не на до що шукаю потрібна потрібно маю живу сказав сказала каже "
        "и из я мне ему ей у в не на что ищу нужна нужно живу сказал сказала говорит "
        "ve ben bir var yok için mi değil yanlış soyadım geldim arıyorum yaşıyorum de da dedi "
        "û ez ji li e ye me im ne şaş hatiye dixwazim got bi di de "
        "y soy de en busco necesito tengo vivo mal es está con que dice un una el la "
        "et je suis de du à cherche est mal écrit j'ai avec dit le la un une "
        "እዩ ኢዩ እያ ኢያ ይበሃል ትበሃል እበሃል ካብ ኣብ ኣነ ደልየ ን ናይ ጌጋ ዓመት ይብል ኣሎ ኣላ ኣለዉኒ የለን ክልተ መዋእለ ጠበቓይ ብጌጋ ኣይቅበልን ቀረባ ኣበይ ደልያ ዘይቅበል ብምንታይ "
        "ast hastam az dar ybehal kurs delye de w bdi ana men min da dy yem"
    ).split()
)
JOINERS = frozenset("عبد أبو ابو ام أم بن ابن آل عبدال von van de del al el abu abd bin ibn ould".split())
GERMAN = frozenset(
    "ich und der die das ist nicht ein eine mein meine wir wie wo für mit auf haben habe hat kann brauche bei wenn".split()
)
PEOPLE = frozenset(
    "syrian afghan ukrainian german turkish iraqi iranian eritrean russian pregnant arbeitet leiterin anwältin anwalt ärztin arzt professor "
    "kürt türk ukraynalı suriyeli afgan türkiyede almanyada duldung ausbildung a1 a2 b1 b2 c1 "
    "und mann frau kind doktor dr dr. doctor арзт сказав сказал українка украинка german deutsch deutsche syrerin ukrainerin arbeit krank zahnarzt".split()
)
# Behind these a word that nobody else writes to us is a name: people of one's own, people one deals with, oneself.
NEAR = (
    "ich bin(?: der| die)?|bin|mein(?:e|en|em|er)? \\w{3,16}|kind|sohn|tochter|herrn?|frau|(?:sozialarbeiter|betreuer|berater|lehrer|vermieter|anwält|ärzt|chef|nachbar)\\w{0,3}"
    "|i am|i'm|im|this is|my name|my \\w{3,14}|(?:teacher|lawyer|landlord|landlady|boss|neighbour|social worker)"
    "|[اأ]نا|(?:ابني|بنتي|زوجي|زوجتي|[اأ]خي|[اأ]ختي|ابي|امي|المحامي|المحامية|الاستاذ|صديقي|صديقتي)|ana"
    "|من|(?:پسرم|دخترم|شوهرم|زنم|همسرم|برادرم|خواهرم|مادرم|پدرم|وکیلم|دوستم)|زه|زما (?:زوی|لور|مېړه|ښځه|ورور|خور|مور|پلار|وکیل|ملګری)|za"
    "|я|це|син|донька|дочка|чоловік|дружина|брат|сестра|мама|тато|адвокат|вчителька?|працівниц[яі]|(?:звуть|звати) мене|звати|звуть"
    "|это|сын|дочь|муж|жена|друг|подруга|учительница|сотрудница|зовут"
    "|ben|oğlum|kızım|kocam|karım|eşim|kardeşim|annem|babam|avukatım|ad[ıi] soyad[ıi]|ez|(?:kurê|keça|mêrê|jina|birayê|xwişka|dayika|bavê|parêzerê) min"
    "|soy|nombre|mi \\w{3,14}|je suis|moi c['’]est|nom|m(?:on|a) \\w{3,14}|ኣነ|(?:ወደይ|ጓለይ|በዓል ቤተይ|ሰብኣየይ|ሓወይ|ሓፍተይ|ኣደይ|ኣቦይ|ጠበቓይ|ዓርከይ)"
)
# German words of offices, which are made anew every day and stand with capitals in every language.
OFFICE = re.compile(
    r"^ال.?[a-zäöüß]|.(?:ung(?:en|s\w+)?|heit|keit|schaft|amt|stelle|deutsch|gruppe|kurs|hilfe|zeit|seite|preis|heft|frist|geld|schein|bescheid"
    r"|antrag|anträge|semester|schule|heim|ärztin|arzt|menü|fest|abbruch|kleidung|papier|formulare?|bewerber|recht|vertrag|kosten|plan|klasse|prüfung)(?:e?n|s)?$"
)
