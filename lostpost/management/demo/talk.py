"""What shops and customers write to each other. Salutation and closing come with the e-mail."""

from __future__ import annotations

SUBJECT = {
    "nl": "Waar blijft je pakket?",
    "en": "Where is your parcel?",
    "fr": "Où est votre colis ?",
    "de": "Wo bleibt Ihr Paket?",
}
SILENT = {
    "nl": "Je pakket is al een paar dagen niet meer gescand. We hebben {carrier} gevraagd waar het is. "
    "Komt het toch aan, laat het ons dan even weten?",
    "en": "Your parcel has not been scanned for some days. We have asked {carrier} where it is. "
    "If it arrives after all, would you let us know?",
    "fr": "Votre colis n'a pas été scanné depuis quelques jours. Nous avons demandé à {carrier} où il se trouve. "
    "S'il arrive quand même, pourriez-vous nous le dire ?",
    "de": "Ihr Paket wurde seit einigen Tagen nicht mehr gescannt. Wir haben {carrier} gefragt, wo es ist. "
    "Falls es doch noch kommt, sagen Sie uns bitte Bescheid.",
}
NOTHING_YET = {
    "nl": "Hier is nog niets bezorgd, ook niet bij de buren. Ik heb het eigenlijk zaterdag nodig, wat nu?",
    "en": "Nothing has arrived here, and the neighbours have nothing either. I need it by Saturday, what now?",
    "fr": "Je n'ai rien reçu, et mes voisins non plus. Que fait-on maintenant ?",
    "de": "Hier ist nichts angekommen, auch nicht bei den Nachbarn. Wie geht es jetzt weiter?",
}
REFUND_COMES = {
    "nl": "{carrier} kan je pakket niet meer vinden. We schrijven het af; je krijgt zo een bericht met het bedrag dat "
    "je terugkrijgt. Excuses voor het ongemak.",
    "en": "{carrier} cannot find your parcel any more. We write it off; you will get a message with the amount that "
    "you get back. We are sorry for the trouble.",
}
THANKS = {
    "nl": "Het geld staat op mijn rekening. Dank je wel voor de snelle oplossing!",
    "en": "The money is in my account. Thank you for solving this so quickly!",
}
EXAMPLE = {
    "nl": "We kijken voor je uit naar je pakket en laten je weten wat {carrier} zegt.",
    "en": "We are keeping an eye on your parcel and will tell you what {carrier} says.",
}

# Everyday matters: subject, what the shop writes, what the customer answers.
EVERYDAY = {
    "nl": (
        (
            "Je bestelling komt een dag later",
            "Door drukte is je bestelling een dag later vertrokken dan beloofd. Onze excuses daarvoor.",
            "Geen probleem, fijn dat jullie het even laten weten.",
        ),
        (
            "Vraag over het adres",
            "Op het etiket ontbreekt de toevoeging van je huisnummer. Klopt het adres zonder toevoeging?",
            "Er moet 2-hoog achter. De bezorger heeft het gelukkig gevonden.",
        ),
        (
            "Je factuur",
            "Je vroeg aan de telefoon om een factuur met je bedrijfsnaam. Je vindt hem bij je bestelling.",
            "Gevonden, dank!",
        ),
        (
            "Tip bij je bestelling",
            "Leuk dat je bij ons kocht. Bewaar de doos de eerste weken: terugsturen gaat dan het veiligst.",
            "Goed idee, doe ik.",
        ),
    ),
    "en": (
        (
            "Your order leaves a day later",
            "We were busier than expected: your order left a day later than promised. Sorry about that.",
            "No worries, thanks for telling me.",
        ),
        (
            "About your address",
            "The label lacks the addition to your house number. Is the address right without it?",
            "It should say 2nd floor at the back. The driver found me anyway.",
        ),
    ),
}


def text_in(texts: dict[str, str], language: str, **values: str) -> str:
    """Write it in the customer's language, else in Dutch, as the shops do."""
    return texts.get(language.partition("-")[0], texts["nl"]).format(**values)
