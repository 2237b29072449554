"""The templates of answers that come along: what sellers write about parcels that were lost, in four languages.

The salutation and the closing are those of every e-mail to customers, and are not part of a template.
"""

from __future__ import annotations

from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class ShippedTemplate(NamedTuple):
    """A template in one language; `subject` is for one that begins a conversation."""

    text: str
    subject: str = ""


SILENT = "silent"
TITLES: dict[str, Promise] = {
    SILENT: _("The parcel is silent: did it arrive?"),
    "searching": _("We are looking for your parcel"),
    "delivered": _("The carrier says that it was delivered"),
    "written-off": _("The parcel is lost: you get your money back"),
    "arrived": _("It came after all: what now?"),
    "unclear": _("Please tell us more"),
}
TEMPLATES: dict[str, dict[str, ShippedTemplate]] = {
    SILENT: {
        "nl": ShippedTemplate(
            "Je bestelling {order} ({items}) is onderweg met {carrier|de vervoerder}, maar we horen al een paar dagen "
            "niets meer over het pakket. De laatste melding was: {last_scan|nog geen}.\n\n"
            "Heb je het pakket inmiddels ontvangen? Kijk ook even bij je buren en op je afhaalpunt. Laat het ons weten "
            "door deze e-mail te beantwoorden. Is het er niet, dan zoeken we het uit en krijg je je geld terug als het "
            "pakket zoek blijft.",
            subject="Is je pakket aangekomen?",
        ),
        "fr": ShippedTemplate(
            "Votre commande {order} ({items}) a été confiée à {carrier|notre transporteur}, mais nous sommes sans "
            "nouvelles du colis depuis quelques jours. La dernière information : {last_scan|aucune pour l’instant}.\n\n"
            "L’avez-vous reçu entre-temps ? Vérifiez aussi auprès de vos voisins et de votre point relais, et dites-le "
            "nous en répondant à cet e-mail. Si vous n’avez rien reçu, nous faisons le nécessaire et vous êtes "
            "remboursé si le colis reste introuvable.",
            subject="Votre colis est-il arrivé ?",
        ),
        "de": ShippedTemplate(
            "Ihre Bestellung {order} ({items}) ist mit {carrier|dem Paketdienst} unterwegs, aber seit einigen Tagen "
            "hören wir nichts mehr von dem Paket. Die letzte Meldung: {last_scan|noch keine}.\n\n"
            "Haben Sie das Paket inzwischen erhalten? Bitte fragen Sie auch bei Nachbarn und in Ihrer Abholstelle nach "
            "und antworten Sie auf diese E-Mail. Ist es nicht da, gehen wir der Sache nach, und Sie bekommen Ihr Geld "
            "zurück, wenn das Paket verschwunden bleibt.",
            subject="Ist Ihr Paket angekommen?",
        ),
        "en": ShippedTemplate(
            "Your order {order} ({items}) is on its way with {carrier|the carrier}, but for some days we have had no "
            "news of the parcel. The last we know: {last_scan|nothing yet}.\n\n"
            "Have you received it in the meantime? Please look with your neighbours and at your pick-up point as well, "
            "and answer this e-mail. If it is not there, we look into it, and you get your money back if the parcel "
            "stays lost.",
            subject="Did your parcel arrive?",
        ),
    },
    "searching": {
        "nl": ShippedTemplate(
            "Dank je voor je bericht over bestelling {order}. We vragen {carrier|de vervoerder} waar je pakket "
            "{tracking_number|} is. Meestal weten we binnen drie werkdagen meer. Komt het in de tussentijd toch aan, "
            "laat het ons dan weten."
        ),
        "fr": ShippedTemplate(
            "Merci pour votre message au sujet de la commande {order}. Nous demandons à {carrier|notre transporteur} "
            "où se trouve votre colis {tracking_number|}. En général, nous en savons plus sous trois jours ouvrables. "
            "S’il arrive entre-temps, merci de nous le dire."
        ),
        "de": ShippedTemplate(
            "Danke für Ihre Nachricht zur Bestellung {order}. Wir fragen {carrier|den Paketdienst}, wo Ihr Paket "
            "{tracking_number|} ist. Meist wissen wir innerhalb von drei Werktagen mehr. Kommt es in der Zwischenzeit "
            "doch an, sagen Sie uns bitte Bescheid."
        ),
        "en": ShippedTemplate(
            "Thank you for your message about order {order}. We are asking {carrier|the carrier} where your parcel "
            "{tracking_number|} is. We usually know more within three working days. If it arrives in the meantime, "
            "please let us know."
        ),
    },
    "delivered": {
        "nl": ShippedTemplate(
            "Volgens {carrier|de vervoerder} is je pakket {tracking_number|} al aangekomen: {last_scan}. Wil je bij "
            "huisgenoten, buren en je afhaalpunt kijken, en op plekken waar een bezorger een pakket neerlegt?\n\n"
            "Is het er echt niet? Beantwoord dan deze e-mail, dan vragen we {carrier|de vervoerder} om een onderzoek."
        ),
        "fr": ShippedTemplate(
            "Selon {carrier|notre transporteur}, votre colis {tracking_number|} est déjà arrivé : {last_scan}. "
            "Pourriez-vous vérifier auprès de votre entourage, de vos voisins et de votre point relais, et là où un "
            "livreur pourrait l’avoir déposé ?\n\n"
            "S’il n’y est vraiment pas, répondez à cet e-mail : nous demanderons une enquête."
        ),
        "de": ShippedTemplate(
            "Laut {carrier|dem Paketdienst} ist Ihr Paket {tracking_number|} schon angekommen: {last_scan}. Bitte "
            "fragen Sie im Haus, bei Nachbarn und in Ihrer Abholstelle nach, und sehen Sie dort nach, wo ein Zusteller "
            "es abgelegt haben könnte.\n\n"
            "Ist es wirklich nicht da? Dann antworten Sie auf diese E-Mail, und wir beantragen eine Nachforschung."
        ),
        "en": ShippedTemplate(
            "According to {carrier|the carrier} your parcel {tracking_number|} has arrived: {last_scan}. Could you "
            "please ask at home, with your neighbours and at your pick-up point, and look where a courier may have "
            "left it?\n\n"
            "If it really is not there, answer this e-mail, and we ask for an investigation."
        ),
    },
    "written-off": {
        "nl": ShippedTemplate(
            "Je pakket {tracking_number|} van bestelling {order} is zoekgeraakt. Dat spijt ons. Je krijgt "
            "{refunded|het aankoopbedrag} terug op de manier waarop je hebt betaald; banken doen daar soms een paar "
            "dagen over.\n\n"
            "Komt het pakket toch nog aan? Laat het ons dan weten door deze e-mail te beantwoorden."
        ),
        "fr": ShippedTemplate(
            "Le colis {tracking_number|} de votre commande {order} est perdu, et nous en sommes désolés. Vous "
            "recevrez {refunded|le montant de l’achat} sur le moyen de paiement utilisé ; cela peut prendre quelques "
            "jours.\n\n"
            "Si le colis arrive malgré tout, merci de répondre à cet e-mail."
        ),
        "de": ShippedTemplate(
            "Das Paket {tracking_number|} Ihrer Bestellung {order} ist verloren gegangen. Das tut uns leid. Sie "
            "erhalten {refunded|den Kaufbetrag} auf dem Weg zurück, auf dem Sie bezahlt haben; das kann einige Tage "
            "dauern.\n\n"
            "Kommt das Paket doch noch an, antworten Sie bitte auf diese E-Mail."
        ),
        "en": ShippedTemplate(
            "Your parcel {tracking_number|} of order {order} is lost. We are sorry about that. You get "
            "{refunded|the purchase amount} back the way you paid; banks may take some days.\n\n"
            "If the parcel still arrives, please answer this e-mail."
        ),
    },
    "arrived": {
        "nl": ShippedTemplate(
            "Fijn dat je pakket van bestelling {order} toch is aangekomen. Je hebt {refunded|het aankoopbedrag} al "
            "teruggekregen. Wil je {items} houden en opnieuw betalen, of stuur je het liever terug? Laat het ons weten "
            "door deze e-mail te beantwoorden."
        ),
        "fr": ShippedTemplate(
            "Nous sommes heureux que le colis de votre commande {order} soit arrivé. Vous avez déjà été remboursé de "
            "{refunded|votre achat}. Souhaitez-vous garder {items} et payer à nouveau, ou préférez-vous le renvoyer ? "
            "Dites-le nous en répondant à cet e-mail."
        ),
        "de": ShippedTemplate(
            "Schön, dass das Paket Ihrer Bestellung {order} doch angekommen ist. Sie haben {refunded|den Kaufbetrag} "
            "schon zurückerhalten. Möchten Sie {items} behalten und erneut bezahlen, oder senden Sie es lieber zurück? "
            "Bitte antworten Sie auf diese E-Mail."
        ),
        "en": ShippedTemplate(
            "We are glad that the parcel of order {order} came after all. You have already got "
            "{refunded|the purchase amount} back. Would you like to keep {items} and pay again, or rather send it "
            "back? Please answer this e-mail."
        ),
    },
    "unclear": {
        "nl": ShippedTemplate(
            "Dank je voor je bericht over bestelling {order}. Om je goed te helpen weten we graag meer: wat heb je wel "
            "en niet ontvangen, en op welke dag? Een foto van het pakket en het etiket helpt."
        ),
        "fr": ShippedTemplate(
            "Merci pour votre message au sujet de la commande {order}. Pour bien vous aider, nous aimerions en savoir "
            "plus : qu’avez-vous reçu, que manque-t-il, et quel jour ? Une photo du colis et de l’étiquette est utile."
        ),
        "de": ShippedTemplate(
            "Danke für Ihre Nachricht zur Bestellung {order}. Um Ihnen gut zu helfen, wüssten wir gern mehr: Was haben "
            "Sie erhalten, was fehlt, und an welchem Tag? Ein Foto des Pakets und des Etiketts hilft."
        ),
        "en": ShippedTemplate(
            "Thank you for your message about order {order}. To help you well we would like to know more: what did you "
            "receive, what is missing, and on which day? A photo of the parcel and its label helps."
        ),
    },
}
