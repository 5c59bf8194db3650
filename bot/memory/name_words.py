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
    "|ስመይ|ሽመይ|ስሙ|ስማ|ሽሙ|ሽማ|smey|simey|shimey"
)
# Behind these, too, but only a capital shows it.
TITLES = (
    "herrn?|frau|фрау|герр?|хер|hr\\.|fr\\.|dr\\.|prof\\.|doktor|familie|mr\\.?|mrs\\.?|ms\\.?|miss|doctor|пан[іа]?|панові|лікар[яь]?|господин[уа]?|госпож[аеуи]"
    "|доктор[ау]?|врач|sayın|birêz|xanim|mamoste|señora?|sra?\\.?|don|doña|el doctor|la doctora|monsieur|madame|mme|m\\.|docteur|avocat|anwalt|anwältin"
)
# Titles in letters without capitals; one word follows, unless it is one of OTHERS.
UNCASED = "[وبل]?السيدة|السيد|الأستاذ|الاستاذ|الدكتورة?|آقای|اقای|خانم|داکتر|دکتر|ښاغلی|ښاغلي|مېرمن|ډاکټر|ኣይተ|ኣቶ|ወይዘሮ|ወይዘሪት|ወ/ሮ|ወ/ሪት|ኣያ|ሄር|ፍራው|ዶክተር|ደክተር|ዶ/ር|د\\.|دكتور|دكتورة|الدكتور|مدام|آنسة|الآنسة|استاذ|أستاذ|استاذة|فراو|الفراو|هير|الهير|هاير|آغای|اغای|بی‌بی|قاضی"
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
        "yaşına yaşından زیاد هادي emrê sergêj rewşên iraklı ليلا وحيد وحيدة yê pere elinde yasinda yaşında رو روی فقط مبارح امبارح اليوم بكرا هلق هلأ اعصاب أعصاب ترمین وایي وايي کاغذ دوم اول از دیگه هم سر کدوم "
        "write written wrong spelled spelt misspelled wrongly falsch misspelt escrito mal yanlış yazıldı "
        "ast hastam az dar ybehal kurs delye de w bdi ana men min da dy yem"
    ).split()
)
JOINERS = frozenset("عبد أبو ابو ام أم بن ابن آل عبدال von van de del al el abu abd bin ibn ould".split())
GERMAN = frozenset(
    "ich und der die das ist nicht ein eine mein meine wir wie wo für mit auf haben habe hat kann brauche bei wenn du mir dir er sie es man einer einem einen nur noch oder als zum zur welche wann sind war hallo bitte zu von hier seit".split()
)
PEOPLE = frozenset(
    "syrian afghan ukrainian german turkish iraqi iranian eritrean russian pregnant arbeitet leiterin anwältin anwalt ärztin arzt professor "
    "kürt türk ukraynalı suriyeli afgan türkiyede almanyada duldung ausbildung a1 a2 b1 b2 c1 "
    "und mann frau kind doktor dr dr. doctor арзт сказав сказал українка украинка german deutsch deutsche syrerin ukrainerin arbeit krank zahnarzt".split()
)
# Behind these a word that nobody else writes to us is a name, in lower case, too: people of one's own, people one deals with.
KIN = (
    # German, also inside other languages
    "(?:ehe|ex|schwieger|gro(?:ß|ss)|stief|pflege|zwillings)?-?(?:sohn|tochter|bruder|schwester|mutter|vater|mann|frau|enkel(?:in)?|kind)|mama|papa|oma|opa|onkel|tante|cousine?|neffen?|nichte|schwager|schwägerin"
    "|baby|partner(?:in)?|verlobte[rn]?|freund(?:in)?|kumpel|kolleg(?:e|en|in)|nachbar(?:in|n|s)?|mitbewohner(?:in)?|chef(?:in)?|vermieter(?:in|s)?|hausmeister|betreuer(?:in)?|berater(?:in)?"
    "|sozialarbeiter(?:in)?|sachbearbeiter(?:in)?|lehrer(?:in)?|erzieher(?:in)?|rechtsanw[aä]lt(?:in)?|anw[aä]lt(?:in)?|[aä]rzt(?:in)?|hebamme|dolmetscher(?:in)?|richter(?:in)?|pfarrer(?:in)?|pastor"
    "|trainer(?:in)?|vormund|pat(?:e|in)|herrn?|hr\\.|fr\\.|kinderarzt|hausarzt"
    # English
    "|son|daughter|child|kid|husband|wife|brother|sister|mother|mum|mom|father|dad|uncle|aunt(?:ie|y)?|cousin|nephew|niece|grand(?:mother|father|ma|pa|son|daughter)|(?:girl|boy)?friend|fianc[ée]e?|ex"
    "|neighbou?r|flatmate|roommate|colleague|boss|manager|landlord|landlady|teacher|lawyer|doctor|nurse|midwife|(?:social|case) ?worker|imam|translator|interpreter|guardian|lady|mrs?\\.?|miss|bro"
    # Spanish, French
    "|hij[oa]|niñ[oa]|bebé|espos[oa]|marido|mujer|pareja|novi[oa]|herman[oa]|mam[aá]|madre|pap[aá]|padre|abuel[oa]|t[ií][oa]|sobrin[oa]|prim[oa]|niet[oa]|suegr[oa]|cuñad[oa]|amig[oa]|vecin[oa]|jef[ea]"
    "|compañer[oa]|caser[oa]|abogad[oa]|maestr[oa]|profesora?|profe|doctora?|licenciad[oa]|trabajadora? social|comadre|compadre|señora?|sra?\\.|don|doña|traductora?"
    "|fils|fille|enfant|bébé|mari|femme|conjointe?|compagn(?:on|e)|fr[eè]re|s(?:oe|œ)ur|m[eè]re|p[eè]re|maman|tonton|tata|oncle|neveu|ni[eè]ce|grand[- ]?(?:m[eè]re|p[eè]re)|amie?|copine?|pote|voisine?|collègue"
    "|patronne?|propriétaire|proprio|bailleur|prof|professeur|maîtresse|avocate?|médecin|docteur|sage-femme|assistante?(?: sociale?)?|éducat(?:eur|rice)|pasteur|interprète|monsieur|madame|mme|mr"
    # Turkish, Kurdish
    "|oğlum|kızım|bebeğim|çocuğum|eşim|kocam|karım|hanımım|kardeşim|abim|ablam|annem?|baba(?:m)?|amcam|dayım|teyzem|halam|yengem|kuzenim|yeğenim|torunum|dedem|ninem|kaynanam|kayınvalidem|kayınpederim|arkadaşım"
    "|komşum|patron(?:um)?|müdür|ev sahibi(?:m)?|avukat(?:ım)?|av\\.|öğretmen(?:im|i)?|hocam|doktor(?:um)?|tercüman|danışman(?:ım|ı)?|nişanlım|sevgilim|sayın"
    "|(?:kur|keç|mêr|jin|bira|biray|xwişk|dayik|bav|ap|xal|met|pîrik|dost|heval|cîran|parêzer|mamoste|hevjîn|zav|bûk|pismam|dotmam|xwarzî|birazî|sosyal)[êaeî]?(?: min| mn| wî| wê| me)?"
    "|(?:kure|kece|mere|jina|biraye|xwiska|xushka|dayika|bave|diya|yade) min|xwediyê malê|wergêr|tercuman"
    # Russian, Ukrainian
    "|сын\\w{0,3}|дочь|доч\\w{1,3}|муж\\w{0,2}|жен[аыеуо]й?|брат\\w{0,3}|сестр\\w{1,2}|мам\\w{1,2}|пап\\w{1,2}|баб[аыуі]|бабуш\\w{2}|дед\\w{0,3}|т[её]т[яиюі]|дяд[яи]|племян\\w{2,6}|внуч?к\\w{0,2}|подруг\\w{1,2}|друг(?:а|у|ом)?|сосед\\w{0,3}"
    "|начальни\\w{1,2}|хозя\\w{2,4}|адвокат\\w{0,2}|учител\\w{1,5}|воспитател\\w{1,5}|врач\\w?|доктор\\w?|переводчи\\w{1,3}|куратор\\w?|сотрудни\\w{1,3}|соцработни\\w{1,3}|кум\\w{0,2}|свекровь|т[её]ща|зять|невест\\w{1,3}|жених\\w?"
    "|фрау|герр?|хер|господин\\w?|госпож\\w|син\\w{0,3}|доньк\\w{1,2}|доц[яіюи]|чоловік\\w{0,2}|дружин\\w|тат\\w|батьк\\w|бабус\\w|дідус\\w|тітк\\w|дядьк\\w|племінни\\w{1,3}|онук\\w?|онучк\\w|сусід\\w{0,3}|господар\\w{0,2}|хазя\\w{2,3}"
    "|вчител\\w{1,4}|лікар\\w{0,2}|перекладач\\w{0,3}|(?:соц)?прац[іе]вни\\w{1,2}|пан[іау]?|дівчинк\\w|хлопчик\\w?|moj muzh|moya doch|moj syn|moya sestra|mij syn|moya donka|cholovik"
    # Arabic
    "|ابني|إبني|بنتي|ولدي|زوجي|زوجتي|مرتي|جوزي|راجلي|[اأ]خو?ي|[اأ]خو(?:ه|ها|يا|ية)|[اأ]خت(?:ي|ه|ها)|[اأ]مي|[اأ]بوي|ابي|خال(?:ي|تي)|عم(?:ي|تي|و)|جد(?:ي|تي)|ستي|حماتي|حفيد(?:ي|تي)|ابن (?:عمي|خالي|اخي|اختي)|بنت (?:عمي|خالي)|صاحب(?:ي|تي)"
    "|رفيق(?:ي|تي)|صديق(?:ي|تي)|جار(?:ي|تي|نا|تنا)|طليق(?:ي|تي)|خطيب(?:ي|تي)|زميل(?:ي|تي)|مدير(?:ي|تي)?|ال(?:مدير|معلمة?|[اأ]ستاذة?|[اآأ]نسة|دكتورة?|محامية?|موظفة?|مترجمة?|قابلة|حكيم|باطرون|مختار|شيخ)(?: تبعي| ديالي| تبعنا)?|محامي(?:ي|تي)?|صاحب البيت|ست|مدام"
    "|[أا]م|[أا]بو|باسم|ebni|bnti|benti|jouzi|marti|khoya|okhti|weldi|rajli"
    # Persian and Dari, Pashto
    "|(?:پسر|دختر|شوهر|زن|خانم|همسر|برادر|خواهر|مادر|پدر|داداش|آبجی|ابجی|مامان|بابا|عمو|دایی|خاله?|عمه|نوه|نامزد|دوست|رفیق|همسایه?|هم ?اتاقی|هم‌اتاقی|همخونه|همکار|رئیس|وکیل|معلم|مترجم|مددکار|دکتر|شوهرخاله?|پسرخاله?|دخترخاله?|پسرعمو|دخترعمو|زن‌داداش"
    "|خوار|برار|بیادر|بچی|دخترک|کاکای|مامای|خواهرزاده|برادرزاده)(?:‌ا?م|م|ش|شون|مون)|صاحب ?خونه|صاحب ?خانه|وکیل|معلم|استاد|دکتر|داکتر|مترجم|ترجمان|مددکار|کارمند|آقای?|آغای|خانم|خاله|عمو|دایی|pesaram|dokhtaram|shoharam|khanomam|baradaram|khaharam|zanam"
    "|زما (?:دوه |د |کوچنی |کوچني |مشر )?(?:زوی|زامن|لور|لوڼې|مېړه|میړه|خاوند|ښځه|مېرمن|ورور|وروڼه|خور|مور|پلار|نیکه|انا|تره|کاکا|ماما|ترور|خاله|وراره|ورېره|خورزه|ملګری|ملګرې|دوست|ګاونډی|وکیل|ښوونکی|ډاکټر|ترجمان|اوښي)"
    "|وراره|ورېره|خورزه|(?:وکیل|ورور|خور|زوی|لور|ملګری|ملګرې|مور|پلار|مېړه|ښځه|ښوونکی|ډاکټر) م[ېيی]|هاوس ?مایستر|فراو|د کور مالک|ښاغلی|ښاغلي|مېرمن|استاذ|zma (?:wror|zoy|zoe|lor|khor|plar|mor|merh|khaza|malgaray)"
    # What stands before a name on papers
    "|(?:navê|nave|nav[eê]|nav) (?:wî|wi|wê|we|min|mn)|min nav|mn nav|navê (?:xwişka|birayê|bavê|dayika|hevala?) min|(?:nom|prénom) (?:c['’]?est|de famille|est)|se nomme|m['’]appelle|mi nombre|su nombre es|ad[ıi] soyad[ıi]:?|isminde biri|(?:his|her|my|their) full name is|name:|vorname:|nachname:|familienname:?|surname|first name|last name|прізвище|фамилия|ім['’ʼ]я|имя:|نومې دی|د هغه نوم|د هغې نوم|نوم مي|نوم يې|نامم|اسم کامل|[إا]سم [اأ]بني|[إا]سم بنتي|[إا]سم زوجي|[إا]سم زوجتي|kontakt|ansprechpartner(?:in)?|contact|patient(?:in)?"
    # Tigrinya
    "|ወደይ|ጓለይ|ውላደይ|በዓል ቤተይ|በዓልቲ ቤተይ|ሰብኣየይ|ሰብአየይ|ሰበይተይ|ሰበይቲ|ሓወይ|ሓውይ|ሓፍተይ|ሓብተይ|ኣደይ|ኣቦይ|ወለደይ|ኣኮይ|ሓትኖይ|ሓሙተይ|ሓማተይ|እኖይ|ዓባየይ|መሓዛይ|መሓዛየይ|ዓርከይ|ፈታውየይ|ጎረቤተይ|ጐረቤተይ|ሓለቓይ|ሓላፊየይ|መምህር|መምህረይ|ጠበቓ|ጠበቓይ|ሓኪም|ዶክተር|ኣስተርጓሚ"
    "|ቀሺ|ኣባ|ዋና ገዛ|ሄር|ፍራው|ሶሻል|wedey|gualey|hawey|haftey|seb'?ayey"
)
# Oneself, and whatever is mine: a capital is wanted, as in "I am Grace", not "I am tired".
LOOSE = (
    "my \\w{3,14}|our \\w{3,14}|mi \\w{3,14}|m(?:on|a) \\w{3,14}|my|our|ich bin|bin|i am|i'm|im|this is|my name|i be"
    "|я|це|это|ja|moi c|(?:звуть|звати) мене|звати|звуть|зовут|ben|ad[ıi] soyad[ıi]|ez|soy|nombre|je suis|moi c['’]?est|nom"
    "|[اأ]نا|ana|مه|زه|za|zh|ኣነ|ane|[أا]دعى"
)
# Behind these only a name that is listed, for what follows is mostly none.
LISTED = "mein(?:e|en|em|er)? \\w{3,16}|unser(?:e|en|em|er)? \\w{3,16}|(?:mein|unser)\\w{0,2}|hier(?: ist| spricht)?|wegen|für|ich bin(?: der| die| es)|it's|its|c['’]?est|c|من|معكم|معك|سلام|زوی|wi"
# In letters without capitals these follow a name, where nothing else tells it from "I am tired".
AFTER_SELF = re.compile(r"\s(?:من|از|ካብ|له|یم|يم|یمه|عمري|ساكن|هستم|እበሃል)\s")
# A name stands before these.
BEHIND = (
    "han[ıi]m\\w{0,4}|bey\\w{0,4}|ab[iı]\\w{0,4}|abla\\w{0,4}|hoca\\w{0,4}|teyze\\w{0,4}|amca\\w{0,4}|usta\\w{0,3}|ad[ıi]nda|isimli|isminde|adl[ıi]|diye biri|xan\\w{0,2}|xanim\\w{0,2}|beg|keko|jan|se llama|me llamo|heißt (?:er|sie|mein\\w?)"
    "|هستم|استم|هستیم|نام دارم|نام داره|نام دارد|نومی[ږږ]ي|نومیږی|نومېږ[يی]|نومیږم|نومېږم|جان|جون|خان|بیگم|آغا|اغا|خانوم|እበሃል|ዝበሃል|ትበሃል|ይበሃል|(?:меня|его|е[её]) зовут|(?:мене|його|її) (?:звати|звуть)"
)
# Behind a name that is a word, too, these say that it is one: "Hope from the heim".
FROM = "из|з|із|from|vom|aus|de la|du|ji|dan|از"
# Names of two words: "Samiullah", "Abdul Qadir", "Gul Agha".
COMPOUND = (
    "(?:احسان|سمیع|نجیب|ذبیح|عبید|حبیب|عزیز|رحمت|عنایت|اسد|سیف|هدایت|شفیق|کلیم|حمید|فضل|نعمت|ولی|امان|برکت|روح|ثنا|صفی|عطا|نصرت|نقیب|حکمت|امین|حشمت|عصمت|شمس|قدرت|کرامت|لطف|مطیع|نور|رحیم|رفیع"
    "|حیات|فیض|شریف|عبد|عبید|جار|سعد|خلیل|نصر|سميع|نجيب|حبيب|عنايت|هدايت|شفيق|عزيز|حميد|امين)[ \u200c]?(?:الله|اله)"
    "|(?:نور|شمس|سیف|سيف|ضیا|ضياء?|علاء?|صلاح|جمال|کمال|كمال|نجم|نظام|محی|محي|بدر|عز|فخر|نصیر|شهاب|جلال|قطب)[ \u200c]?(?:الدین|الدين)"
    "|(?:عبد|عبدال|غلام)[ \u200c][\\w\u200c]{3,14}|[\\w\u200c]{2,10}[ \u200c](?:آغا|اغا)"
)
# Endings of words in lower case that are no names: verbs and adjectives of the languages with capitals.
WORDLIKE = re.compile(
    r"(?:ing|ly|ed|ew|ts|ó|en|ht|ik|ик|ец|[ёяуо]л|[ёео]з|m[ae]m|[^e]st|[bcdfgklmnprst]t|[aeiou]ght|ten|tet|ieren|chen|eren|ren|isch|lich|los|ions?|aba|ado|ido|ando|iendo|ció|ait|aient|ée?s?|eux|yor\w{0,4}|[dt][iıuü][mkny]?|m[iıuü]ş\w{0,3}|m[ae]k"
    r"|[аеиу]ет|[иую]т|ят|ется|ить|ать|ти|ть|с[яь]|[аи]л[аоиі]?|ів|ого|ому|ый|ая|ое|ий|ує|ає|ється|ю|но|ыми?|их|ість|ость|иться|ння|ние)$"
)
# Verbs and words with endings in letters without capitals; names like that are listed.
UNCASED_WORD = re.compile(
    r"^(?:[وف]?(?:بي|بت|عم|ما|مابي|ست|سي|لل|بال|وال|كال|هال|ال|می|نمی|نه|وي)|ي\w{3}|ኣይ|[ዝይክከ]|እን|ስለ|ምስ)|(?:ها|هم|كم|نا)$"
)
# Endings of family names in letters without capitals, and in lower case.
FAMILY = re.compile(
    r"(?:زاده|پور|نژاد|یان|پناه|فر|نیا|زی|زۍ|خیل|وال|دوست|منش|لو|چی|ی|ئي|enko|ov|ova|ev|eva|chuk|ski|sky|ska|yan|ian|zade|zadeh|zai|oğlu|oglu|енко|ов|ова|ев|ева|чук|ський|ська|ян|швили|швілі|дзе|ук|юк|ко)$"
)
# A school, a street, a church: a first name there names no person.
INSTITUTION = re.compile(
    r"^\W{0,2}(?:schule|gymnasium|stiftung|oberschule|grundschule|institut|universit\w{0,4}|foundation|platz|stra(?:ß|ss)e|str\b|haus|kirche|klinik\w{0,2}|hospital|zentrum)",
    re.I,
)
SAINT = re.compile(r"(?<!\w)(?:san|santa|santo|saint|sainte|sankt|st\.?|св\.?|святого)\s$", re.I)
# German words of offices, which are made anew every day and stand with capitals in every language.
OFFICE = re.compile(
    r"^ال.?[a-zäöüß]|.(?:nummern?|bahnhof\w{0,2}|stra(?:ß|ss)e|platz|zentrum|zentrale|karte|konto|verein|beratung|berater|arbeiter|wohnung|stadt|haus|werke?|energie|beitrag|programm|bereich|datum|gespräch|nachweis|gebiet|jahre?|termin|ausweis|dokument|zentrum|mus|rin|spray|anlagen?|streifen|schul|betrieb|unterricht|ung(?:en|s\w+)?|heit|keit|schaft|amt|stelle|deutsch|gruppe|kurs|hilfe|zeit|seite|preis|heft|frist|geld|schein|bescheid"
    r"|antrag|anträge|semester|schule|heim|ärztin|arzt|menü|fest|abbruch|kleidung|papier|formulare?|bewerber|recht|vertrag|kosten|plan|klasse|prüfung)(?:e?n|s)?$"
)
