<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="fr_FR" sourcelanguage="en_US">
<context>
    <name>ui::AboutDialog</name>
    <message>
        <source>About the USB applet</source>
        <translation>À propos de l’applet USB</translation>
    </message>
    <message>
        <source>Qubes USB applet %1</source>
        <translation>Applet USB de Qubes %1</translation>
    </message>
    <message>
        <source>Shows the USB devices of all qubes, and attaches and detaches them.</source>
        <translation>Montre les périphériques USB de tous les qubes, les attache et les détache.</translation>
    </message>
    <message>
        <source>Connection: %1</source>
        <translation>Connexion : %1</translation>
    </message>
    <message>
        <source>Device API: %1</source>
        <translation>API des périphériques : %1</translation>
    </message>
    <message>
        <source>Qt: %1</source>
        <translation>Qt : %1</translation>
    </message>
    <message>
        <source>Free software under the GNU General Public License, version 2 or later.</source>
        <translation>Logiciel libre sous licence publique générale GNU, version 2 ou ultérieure.</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Fermer</translation>
    </message>
</context>
<context>
    <name>ui::ActivityLog</name>
    <message>
        <source>%1 plugged in</source>
        <translation>%1 : branchement</translation>
    </message>
    <message>
        <source>%1 removed while attached to %2</source>
        <translation>%1 retiré alors qu’il était attaché à %2</translation>
    </message>
    <message>
        <source>%1 removed</source>
        <translation>%1 : retrait</translation>
    </message>
    <message>
        <source>%1 attached to %2</source>
        <translation>%1 attaché à %2</translation>
    </message>
    <message>
        <source>%1 detached from %2</source>
        <translation>%1 détaché de %2</translation>
    </message>
</context>
<context>
    <name>ui::AppletMenu</name>
    <message>
        <source>No USB devices</source>
        <translation>Aucun périphérique USB</translation>
    </message>
    <message>
        <source>Show window</source>
        <translation>Afficher la fenêtre</translation>
    </message>
    <message>
        <source>Settings…</source>
        <translation>Paramètres…</translation>
    </message>
    <message>
        <source>About</source>
        <translation>À propos</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>Quitter</translation>
    </message>
    <message>
        <source>Detach all from</source>
        <translation>Tout détacher de</translation>
    </message>
    <message>
        <source>All qubes</source>
        <translation>Tous les qubes</translation>
    </message>
</context>
<context>
    <name>ui::AppletWindow</name>
    <message>
        <source>USB devices</source>
        <translation>Périphériques USB</translation>
    </message>
    <message>
        <source>More</source>
        <translation>Plus</translation>
    </message>
    <message>
        <source>Copy details</source>
        <translation>Copier les détails</translation>
    </message>
    <message>
        <source>Settings…</source>
        <translation>Paramètres…</translation>
    </message>
    <message>
        <source>About</source>
        <translation>À propos</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>Quitter</translation>
    </message>
    <message>
        <source>Search</source>
        <translation>Rechercher</translation>
    </message>
    <message>
        <source>Search devices</source>
        <translation>Rechercher des périphériques</translation>
    </message>
    <message>
        <source>No USB devices</source>
        <translation>Aucun périphérique USB</translation>
    </message>
    <message>
        <source>Nothing found</source>
        <translation>Rien trouvé</translation>
    </message>
    <message>
        <source>Refresh</source>
        <translation>Actualiser</translation>
    </message>
    <message>
        <source>Activity</source>
        <translation>Activité</translation>
    </message>
</context>
<context>
    <name>ui::BackendSection</name>
    <message>
        <source>Start %1 to list its devices</source>
        <translation>Démarrer %1 pour lister ses périphériques</translation>
    </message>
    <message>
        <source>%1 (reading…)</source>
        <translation>%1 (lecture…)</translation>
    </message>
    <message>
        <source>%1 (not running)</source>
        <translation>%1 (arrêté)</translation>
    </message>
    <message>
        <source>%1 (cannot be read)</source>
        <translation>%1 (illisible)</translation>
    </message>
    <message>
        <source>No USB devices</source>
        <translation>Aucun périphérique USB</translation>
    </message>
</context>
<context>
    <name>ui::CommandLine</name>
    <message>
        <source>Not understood: %1. Try --help.</source>
        <translation>Pas compris : %1. Essayez --help.</translation>
    </message>
    <message>
        <source>Usage: qubes-usb-applet [OPTION…]</source>
        <translation>Utilisation : qubes-usb-applet [OPTION…]</translation>
    </message>
    <message>
        <source>Shows the USB devices of all qubes in the tray, and attaches and detaches them.</source>
        <translation>Montre les périphériques USB de tous les qubes dans la zone de notification, les attache et les détache.</translation>
    </message>
    <message>
        <source>show the window</source>
        <translation>afficher la fenêtre</translation>
    </message>
    <message>
        <source>if it runs already, do not show its window</source>
        <translation>s’il tourne déjà, ne pas afficher sa fenêtre</translation>
    </message>
    <message>
        <source>how to reach Qubes: qubesd (in dom0) or qrexec (in a GUI domain)</source>
        <translation>chemin vers Qubes : qubesd (dans dom0) ou qrexec (dans un domaine graphique)</translation>
    </message>
    <message>
        <source>qubesd&apos;s socket</source>
        <translation>le socket de qubesd</translation>
    </message>
    <message>
        <source>the program that makes calls over qrexec</source>
        <translation>le programme qui fait les appels par qrexec</translation>
    </message>
    <message>
        <source>show the version</source>
        <translation>afficher la version</translation>
    </message>
    <message>
        <source>show this text</source>
        <translation>afficher ce texte</translation>
    </message>
</context>
<context>
    <name>ui::Confirmation</name>
    <message>
        <source>Hand over an input device?</source>
        <translation>Confier un périphérique de saisie ?</translation>
    </message>
    <message>
        <source>Attach %1 to a new disposable of %2?</source>
        <translation>Attacher %1 à un nouveau qube jetable de %2 ?</translation>
    </message>
    <message>
        <source>Attach %1 to %2?</source>
        <translation>Attacher %1 à %2 ?</translation>
    </message>
    <message>
        <source>Attach</source>
        <translation>Attacher</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Annuler</translation>
    </message>
    <message>
        <source>Hand over an unknown device?</source>
        <translation>Confier un périphérique inconnu ?</translation>
    </message>
    <message>
        <source>Attach %1 to %2 automatically from now on?</source>
        <translation>Attacher désormais %1 automatiquement à %2 ?</translation>
    </message>
    <message>
        <source>Make the rule</source>
        <translation>Créer la règle</translation>
    </message>
</context>
<context>
    <name>ui::DetailsPane</name>
    <message>
        <source>Choose a device to see its details.</source>
        <translation>Choisissez un périphérique pour voir ses détails.</translation>
    </message>
    <message>
        <source>State:</source>
        <translation>État :</translation>
    </message>
    <message>
        <source>Failure:</source>
        <translation>Échec :</translation>
    </message>
    <message>
        <source>Warning:</source>
        <translation>Attention :</translation>
    </message>
    <message>
        <source>USB ID:</source>
        <translation>Identifiant USB :</translation>
    </message>
    <message>
        <source>Serial number:</source>
        <translation>Numéro de série :</translation>
    </message>
    <message>
        <source>Interfaces:</source>
        <translation>Interfaces :</translation>
    </message>
    <message>
        <source>Automatic:</source>
        <translation>Automatique :</translation>
    </message>
    <message>
        <source>Before detaching:</source>
        <translation>Avant de détacher :</translation>
    </message>
    <message>
        <source>Port:</source>
        <translation>Port :</translation>
    </message>
    <message>
        <source>Automatic…</source>
        <translation>Automatique…</translation>
    </message>
    <message>
        <source>Move to…</source>
        <translation>Déplacer vers…</translation>
    </message>
    <message>
        <source>Attach to…</source>
        <translation>Attacher à…</translation>
    </message>
</context>
<context>
    <name>ui::DeviceActions</name>
    <message>
        <source>Detach from %1</source>
        <translation>Détacher de %1</translation>
    </message>
    <message>
        <source>Detach and shut down %1</source>
        <translation>Détacher et éteindre %1</translation>
    </message>
    <message>
        <source>Move to</source>
        <translation>Déplacer vers</translation>
    </message>
    <message>
        <source>Attach to</source>
        <translation>Attacher à</translation>
    </message>
    <message>
        <source>Whoever gets it can read and forge your input</source>
        <translation>Qui le reçoit peut lire et falsifier vos saisies</translation>
    </message>
    <message>
        <source>All qubes…</source>
        <translation>Tous les qubes…</translation>
    </message>
    <message>
        <source>Attach automatically…</source>
        <translation>Attacher automatiquement…</translation>
    </message>
    <message>
        <source>%1, after starting it</source>
        <translation>%1, après l’avoir démarré</translation>
    </message>
    <message>
        <source>New disposable of %1</source>
        <translation>Nouveau qube jetable de %1</translation>
    </message>
    <message>
        <source>No other running qube can have it</source>
        <translation>Aucun autre qube en cours d’exécution ne peut le recevoir</translation>
    </message>
</context>
<context>
    <name>ui::DeviceList</name>
    <message>
        <source>USB devices</source>
        <translation>Périphériques USB</translation>
    </message>
</context>
<context>
    <name>ui::DeviceMenu</name>
    <message>
        <source>Choose a qube…</source>
        <translation>Choisir un qube…</translation>
    </message>
</context>
<context>
    <name>ui::DeviceRows</name>
    <message>
        <source>reading…</source>
        <translation>lecture…</translation>
    </message>
    <message>
        <source>not running</source>
        <translation>arrêté</translation>
    </message>
    <message>
        <source>no USB devices</source>
        <translation>aucun périphérique USB</translation>
    </message>
    <message>
        <source>Start</source>
        <translation>Démarrer</translation>
    </message>
    <message>
        <source>Attach…</source>
        <translation>Attacher…</translation>
    </message>
</context>
<context>
    <name>ui::FailureText</name>
    <message>
        <source>Policy does not allow it.</source>
        <translation>La politique ne le permet pas.</translation>
    </message>
    <message>
        <source>The qube&apos;s list of denied devices covers it.</source>
        <translation>La liste des périphériques interdits du qube le comprend.</translation>
    </message>
    <message>
        <source>Qubes cannot be reached.</source>
        <translation>Qubes est injoignable.</translation>
    </message>
    <message>
        <source>There was no answer in time. It may still happen.</source>
        <translation>Pas de réponse à temps. Cela peut encore se faire.</translation>
    </message>
    <message>
        <source>Qubes refused without a reason. The log of qubesd in dom0 may have one.</source>
        <translation>Qubes a refusé sans raison. Le journal de qubesd dans dom0 en a peut-être une.</translation>
    </message>
    <message>
        <source>The answer makes no sense.</source>
        <translation>La réponse n’a pas de sens.</translation>
    </message>
    <message>
        <source>Something else is being done with this device. Try again when that has ended.</source>
        <translation>Une autre opération est en cours sur ce périphérique. Réessayez quand elle sera finie.</translation>
    </message>
    <message>
        <source>There is no such qube any more.</source>
        <translation>Ce qube n’existe plus.</translation>
    </message>
    <message>
        <source>The qube is not running. Start it first.</source>
        <translation>Le qube ne tourne pas. Démarrez-le d’abord.</translation>
    </message>
    <message>
        <source>The qube is paused. Unpause it first.</source>
        <translation>Le qube est en pause. Reprenez-le d’abord.</translation>
    </message>
    <message>
        <source>That is only possible while the qube is shut down.</source>
        <translation>Ce n’est possible que lorsque le qube est éteint.</translation>
    </message>
    <message>
        <source>The device is not there any more.</source>
        <translation>Le périphérique n’est plus là.</translation>
    </message>
    <message>
        <source>Another device is at that port now.</source>
        <translation>Un autre périphérique est maintenant sur ce port.</translation>
    </message>
    <message>
        <source>Another device is at that port now: %1.</source>
        <extracomment>%1: the device&apos;s name</extracomment>
        <translation>Un autre périphérique est maintenant sur ce port : %1.</translation>
    </message>
    <message>
        <source>The device is attached already.</source>
        <translation>Le périphérique est déjà attaché.</translation>
    </message>
    <message>
        <source>The device is not attached.</source>
        <translation>Le périphérique n’est pas attaché.</translation>
    </message>
    <message>
        <source>There is such a rule already.</source>
        <translation>Une telle règle existe déjà.</translation>
    </message>
    <message>
        <source>There is no such rule.</source>
        <translation>Une telle règle n’existe pas.</translation>
    </message>
    <message>
        <source>The qube that is to get the device lacks qubes-usb-engine (or qubes-usb-proxy). Install it in its template and restart the qube.</source>
        <translation>Il manque qubes-usb-engine (ou qubes-usb-proxy) au qube qui doit recevoir le périphérique. Installez-le dans son modèle et redémarrez le qube.</translation>
    </message>
    <message>
        <source>The two qubes could not hand over the device.</source>
        <translation>Les deux qubes n’ont pas pu se transmettre le périphérique.</translation>
    </message>
    <message>
        <source>That qube also has a device of another backend with the same port, and Qubes might detach that one instead. Detach the other one first.</source>
        <translation>Ce qube a aussi un périphérique d’un autre backend avec le même port, et Qubes pourrait détacher celui-là. Détachez d’abord l’autre.</translation>
    </message>
    <message>
        <source>Qubes reported success, but nothing changed.</source>
        <translation>Qubes a annoncé un succès, mais rien n’a changé.</translation>
    </message>
    <message>
        <source>This release of Qubes cannot do that with this device.</source>
        <translation>Cette version de Qubes ne peut pas faire cela avec ce périphérique.</translation>
    </message>
    <message>
        <source>The qube does not have that feature.</source>
        <translation>Le qube n’a pas cette fonctionnalité.</translation>
    </message>
    <message>
        <source>That is not possible with this device and qube.</source>
        <translation>Ce n’est pas possible avec ce périphérique et ce qube.</translation>
    </message>
    <message>
        <source>The reason is not known.</source>
        <translation>La raison est inconnue.</translation>
    </message>
    <message>
        <source>Qubes says: %1</source>
        <extracomment>%1: words of another program, in English</extracomment>
        <translation>Qubes dit : %1</translation>
    </message>
    <message>
        <source>Could not attach to %1</source>
        <translation>Impossible d’attacher à %1</translation>
    </message>
    <message>
        <source>Could not attach to a new disposable</source>
        <translation>Impossible d’attacher à un nouveau qube jetable</translation>
    </message>
    <message>
        <source>Could not detach</source>
        <translation>Impossible de détacher</translation>
    </message>
    <message>
        <source>Could not detach from %1</source>
        <translation>Impossible de détacher de %1</translation>
    </message>
    <message>
        <source>Could not move to %1</source>
        <translation>Impossible de déplacer vers %1</translation>
    </message>
    <message>
        <source>Could not change the rule for %1</source>
        <translation>Impossible de changer la règle pour %1</translation>
    </message>
    <message>
        <source>Could not start %1</source>
        <translation>Impossible de démarrer %1</translation>
    </message>
    <message>
        <source>It was given back to %1.</source>
        <translation>Il a été rendu à %1.</translation>
    </message>
    <message>
        <source>It could not be given back to %1 and is not attached now. %2</source>
        <translation>Il n’a pas pu être rendu à %1 et n’est plus attaché. %2</translation>
    </message>
    <message>
        <source>The new disposable %1 was removed again.</source>
        <translation>Le nouveau qube jetable %1 a été supprimé.</translation>
    </message>
    <message>
        <source>The new disposable %1 could not be removed. %2</source>
        <translation>Le nouveau qube jetable %1 n’a pas pu être supprimé. %2</translation>
    </message>
    <message>
        <source>A rule gives the device to the qube for as long as it runs. Remove the rule first.</source>
        <translation>Une règle donne le périphérique au qube tant qu’il fonctionne. Supprimez d’abord la règle.</translation>
    </message>
    <message>
        <source>The connection to Qubes was lost before it answered. Try again if the device is not where you want it.</source>
        <translation>La connexion à Qubes a été perdue avant la réponse. Réessayez si le périphérique n’est pas là où vous le voulez.</translation>
    </message>
    <message>
        <source>Cancelled.</source>
        <translation>Annulé.</translation>
    </message>
    <message>
        <source>Qubes cannot be reached (%1).</source>
        <extracomment>%1: words of the system (&quot;Connection refused&quot;), in English</extracomment>
        <translation>Qubes est injoignable (%1).</translation>
    </message>
    <message>
        <source>Detached from %1, but could not shut it down</source>
        <translation>Détaché de %1, mais impossible de l’éteindre</translation>
    </message>
</context>
<context>
    <name>ui::LogView</name>
    <message>
        <source>Activity since the start</source>
        <translation>Activité depuis le démarrage</translation>
    </message>
</context>
<context>
    <name>ui::NoticeText</name>
    <message>
        <source>%1 plugged in</source>
        <extracomment>%1: what it is (&quot;Keyboard&quot;)</extracomment>
        <translation>%1 : branchement</translation>
    </message>
    <message>
        <source>Attached to %1</source>
        <translation>Attaché à %1</translation>
    </message>
    <message>
        <source>Detached from %1</source>
        <translation>Détaché de %1</translation>
    </message>
    <message>
        <source>Removed while attached to %1</source>
        <translation>Retiré alors qu’il était attaché à %1</translation>
    </message>
    <message>
        <source>Detach devices before you unplug them, or data may be lost.</source>
        <translation>Détachez les périphériques avant de les débrancher, sinon des données peuvent être perdues.</translation>
    </message>
    <message numerus="yes">
        <source>%n USB device(s) plugged in</source>
        <translation>
            <numerusform>%n périphérique USB branché</numerusform>
            <numerusform>%n périphériques USB branchés</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n USB device(s) removed while attached</source>
        <translation>
            <numerusform>%n périphérique USB retiré alors qu’il était attaché</numerusform>
            <numerusform>%n périphériques USB retirés alors qu’ils étaient attachés</numerusform>
        </translation>
    </message>
    <message>
        <source>No connection to Qubes</source>
        <translation>Pas de connexion à Qubes</translation>
    </message>
    <message>
        <source>USB devices are shown as they were seen last.</source>
        <translation>Les périphériques USB sont montrés tels qu’ils étaient.</translation>
    </message>
    <message numerus="yes">
        <source>and %n more</source>
        <translation>
            <numerusform>et %n autre</numerusform>
            <numerusform>et %n autres</numerusform>
        </translation>
    </message>
    <message>
        <source>Choose…</source>
        <translation>Choisir…</translation>
    </message>
    <message>
        <source>Details</source>
        <translation>Détails</translation>
    </message>
    <message>
        <source>Restarted itself while attached to %1</source>
        <translation>S’est redémarré alors qu’il était attaché à %1</translation>
    </message>
    <message>
        <source>It was away for a moment and is not attached any more.</source>
        <translation>Il a disparu un instant et n’est plus attaché.</translation>
    </message>
</context>
<context>
    <name>ui::QubeChooser</name>
    <message>
        <source>denied by policy: %1</source>
        <translation>interdit par la politique : %1</translation>
    </message>
    <message>
        <source>denied by policy</source>
        <translation>interdit par la politique</translation>
    </message>
    <message>
        <source>paused</source>
        <translation>en pause</translation>
    </message>
    <message>
        <source>Search</source>
        <translation>Rechercher</translation>
    </message>
    <message>
        <source>Search qubes</source>
        <translation>Rechercher des qubes</translation>
    </message>
    <message>
        <source>Qubes</source>
        <translation>Qubes</translation>
    </message>
    <message>
        <source>Attach</source>
        <translation>Attacher</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Annuler</translation>
    </message>
    <message>
        <source>Move to another qube</source>
        <translation>Déplacer vers un autre qube</translation>
    </message>
    <message>
        <source>Attach to a qube</source>
        <translation>Attacher à un qube</translation>
    </message>
    <message>
        <source>Move %1 from %2 to:</source>
        <translation>Déplacer %1 de %2 vers :</translation>
    </message>
    <message>
        <source>Attach %1 to:</source>
        <translation>Attacher %1 à :</translation>
    </message>
    <message>
        <source>Suggested</source>
        <translation>Suggérés</translation>
    </message>
    <message>
        <source>Running</source>
        <translation>En cours d’exécution</translation>
    </message>
    <message>
        <source>New disposable of</source>
        <translation>Nouveau qube jetable de</translation>
    </message>
    <message>
        <source>Started first</source>
        <translation>À démarrer d’abord</translation>
    </message>
    <message>
        <source>Move to a new disposable</source>
        <translation>Déplacer vers un nouveau qube jetable</translation>
    </message>
    <message>
        <source>Attach to a new disposable</source>
        <translation>Attacher à un nouveau qube jetable</translation>
    </message>
    <message>
        <source>Move</source>
        <translation>Déplacer</translation>
    </message>
    <message>
        <source>Start %1 and move</source>
        <translation>Démarrer %1 et déplacer</translation>
    </message>
    <message>
        <source>Start %1 and attach</source>
        <translation>Démarrer %1 et attacher</translation>
    </message>
    <message>
        <source>Move to %1</source>
        <translation>Déplacer vers %1</translation>
    </message>
</context>
<context>
    <name>ui::RulesDialog</name>
    <message>
        <source>Attach automatically</source>
        <translation>Attacher automatiquement</translation>
    </message>
    <message>
        <source>Rules</source>
        <translation>Règles</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>Supprimer</translation>
    </message>
    <message>
        <source>New rule</source>
        <translation>Nouvelle règle</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Fermer</translation>
    </message>
    <message>
        <source>Qube</source>
        <translation>Qube</translation>
    </message>
    <message>
        <source>Which device</source>
        <translation>Quel périphérique</translation>
    </message>
    <message>
        <source>How</source>
        <translation>Comment</translation>
    </message>
    <message>
        <source>Add the rule</source>
        <translation>Ajouter la règle</translation>
    </message>
    <message>
        <source>Qube:</source>
        <translation>Qube :</translation>
    </message>
    <message>
        <source>Which:</source>
        <translation>Lequel :</translation>
    </message>
    <message>
        <source>How:</source>
        <translation>Comment :</translation>
    </message>
    <message>
        <source>Where %1 goes by itself:</source>
        <translation>Où va %1 de lui-même :</translation>
    </message>
    <message>
        <source>No rules: it stays where it is until somebody attaches it.</source>
        <translation>Aucune règle : il reste où il est jusqu’à ce que quelqu’un l’attache.</translation>
    </message>
    <message>
        <source>This version of Qubes makes a rule only for the qube that has the device: attach it first.</source>
        <translation>Cette version de Qubes ne crée une règle que pour le qube qui a le périphérique : attachez-le d’abord.</translation>
    </message>
    <message>
        <source>Replace the rules of %1</source>
        <translation>Remplacer les règles de %1</translation>
    </message>
</context>
<context>
    <name>ui::SettingsDialog</name>
    <message>
        <source>Settings of the USB applet</source>
        <translation>Paramètres de l’applet USB</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Fermer</translation>
    </message>
    <message>
        <source>A device was plugged in</source>
        <translation>Un périphérique a été branché</translation>
    </message>
    <message>
        <source>A device was attached</source>
        <translation>Un périphérique a été attaché</translation>
    </message>
    <message>
        <source>A device was detached</source>
        <translation>Un périphérique a été détaché</translation>
    </message>
    <message>
        <source>A device was removed while attached</source>
        <translation>Un périphérique attaché a été retiré</translation>
    </message>
    <message>
        <source>Something failed</source>
        <translation>Une opération a échoué</translation>
    </message>
    <message>
        <source>The connection to Qubes was lost</source>
        <translation>La connexion à Qubes a été perdue</translation>
    </message>
    <message>
        <source>Notify when</source>
        <translation>Notifier quand</translation>
    </message>
    <message>
        <source>Behaviour</source>
        <translation>Comportement</translation>
    </message>
    <message>
        <source>A left click on the icon opens the menu, not the window</source>
        <translation>Un clic gauche sur l’icône ouvre le menu, pas la fenêtre</translation>
    </message>
    <message>
        <source>Ask before an input device, or one of unknown kind, is handed over</source>
        <translation>Demander avant de confier un périphérique de saisie ou de nature inconnue</translation>
    </message>
    <message>
        <source>Start with the session</source>
        <translation>Démarrer avec la session</translation>
    </message>
    <message>
        <source>Progress of what takes long</source>
        <translation>Progression de ce qui dure</translation>
    </message>
</context>
<context>
    <name>ui::TrayIcon</name>
    <message numerus="yes">
        <source>%n more</source>
        <translation>
            <numerusform>%n autre</numerusform>
            <numerusform>%n autres</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n USB device(s), none attached</source>
        <translation>
            <numerusform>%n périphérique USB, non attaché</numerusform>
            <numerusform>%n périphériques USB, aucun attaché</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ui::Wording</name>
    <message>
        <source>Network adapter</source>
        <translation>Adaptateur réseau</translation>
    </message>
    <message>
        <source>Keyboard</source>
        <translation>Clavier</translation>
    </message>
    <message>
        <source>Mouse</source>
        <translation>Souris</translation>
    </message>
    <message>
        <source>Input device</source>
        <translation>Périphérique de saisie</translation>
    </message>
    <message>
        <source>Printer</source>
        <translation>Imprimante</translation>
    </message>
    <message>
        <source>Camera</source>
        <translation>Caméra</translation>
    </message>
    <message>
        <source>Audio device</source>
        <translation>Périphérique audio</translation>
    </message>
    <message>
        <source>Multimedia device</source>
        <translation>Périphérique multimédia</translation>
    </message>
    <message>
        <source>USB storage</source>
        <translation>Stockage USB</translation>
    </message>
    <message>
        <source>Bluetooth adapter</source>
        <translation>Adaptateur Bluetooth</translation>
    </message>
    <message>
        <source>USB device</source>
        <translation>Périphérique USB</translation>
    </message>
    <message>
        <source>%1 at port %2</source>
        <extracomment>%1: what it is (&quot;Keyboard&quot;), %2: the port</extracomment>
        <translation>%1 sur le port %2</translation>
    </message>
    <message>
        <source>not attached</source>
        <translation>non attaché</translation>
    </message>
    <message>
        <source>attaching to %1…</source>
        <translation>attachement à %1…</translation>
    </message>
    <message>
        <source>attaching…</source>
        <translation>attachement…</translation>
    </message>
    <message>
        <source>attached to %1</source>
        <translation>attaché à %1</translation>
    </message>
    <message>
        <source>detaching from %1…</source>
        <translation>détachement de %1…</translation>
    </message>
    <message>
        <source>moving to %1…</source>
        <translation>déplacement vers %1…</translation>
    </message>
    <message>
        <source>failed; attached to %1</source>
        <translation>échec ; attaché à %1</translation>
    </message>
    <message>
        <source>failed; not attached</source>
        <translation>échec ; non attaché</translation>
    </message>
    <message>
        <source>Waiting…</source>
        <translation>Attente…</translation>
    </message>
    <message>
        <source>Creating a disposable…</source>
        <translation>Création d’un qube jetable…</translation>
    </message>
    <message>
        <source>Starting %1…</source>
        <translation>Démarrage de %1…</translation>
    </message>
    <message>
        <source>Detaching from %1…</source>
        <translation>Détachement de %1…</translation>
    </message>
    <message>
        <source>Attaching to %1…</source>
        <translation>Attachement à %1…</translation>
    </message>
    <message>
        <source>Giving back to %1…</source>
        <translation>Restitution à %1…</translation>
    </message>
    <message>
        <source>Removing the disposable…</source>
        <translation>Suppression du qube jetable…</translation>
    </message>
    <message>
        <source>Shutting down %1…</source>
        <translation>Extinction de %1…</translation>
    </message>
    <message>
        <source>Changing the rule…</source>
        <translation>Modification de la règle…</translation>
    </message>
    <message>
        <source>Connecting to Qubes…</source>
        <translation>Connexion à Qubes…</translation>
    </message>
    <message>
        <source>Connected to Qubes</source>
        <translation>Connecté à Qubes</translation>
    </message>
    <message>
        <source>Policy allows no events: changes are seen late</source>
        <translation>La politique n’autorise pas les événements : les changements sont vus tard</translation>
    </message>
    <message>
        <source>No connection to Qubes; trying again</source>
        <translation>Pas de connexion à Qubes ; nouvel essai en cours</translation>
    </message>
    <message>
        <source>Input device: the qube that gets it can read and forge what you type or click with it.</source>
        <translation>Périphérique de saisie : le qube qui le reçoit peut lire et falsifier ce que vous tapez ou cliquez.</translation>
    </message>
    <message>
        <source>unknown</source>
        <translation>inconnue</translation>
    </message>
    <message>
        <source>by hand</source>
        <translation>à la main</translation>
    </message>
    <message>
        <source>automatically</source>
        <translation>automatiquement</translation>
    </message>
    <message>
        <source>required to start</source>
        <translation>requis au démarrage</translation>
    </message>
    <message>
        <source>whenever the qube starts</source>
        <translation>à chaque démarrage du qube</translation>
    </message>
    <message>
        <source>this device at this port</source>
        <translation>ce périphérique sur ce port</translation>
    </message>
    <message>
        <source>any device at this port</source>
        <translation>tout périphérique sur ce port</translation>
    </message>
    <message>
        <source>this device at any port</source>
        <translation>ce périphérique sur tout port</translation>
    </message>
    <message>
        <source>any device of the backend</source>
        <translation>tout périphérique du backend</translation>
    </message>
    <message>
        <source>%1: %2, %3</source>
        <extracomment>%1: qube, %2: how (&quot;automatically&quot;), %3: which (&quot;any device at this port&quot;)</extracomment>
        <translation>%1 : %2, %3</translation>
    </message>
    <message numerus="yes">
        <source>%n more</source>
        <translation>
            <numerusform>%n autre</numerusform>
            <numerusform>%n autres</numerusform>
        </translation>
    </message>
    <message>
        <source>moving…</source>
        <translation>déplacement…</translation>
    </message>
    <message>
        <source>Qubes does not say what this device is. If it is a keyboard or a mouse, the qube that gets it can read and forge what you type or click with it.</source>
        <translation>Qubes ne dit pas ce qu’est ce périphérique. Si c’est un clavier ou une souris, le qube qui le reçoit peut lire et falsifier ce que vous tapez ou cliquez.</translation>
    </message>
    <message numerus="yes">
        <source>%n device(s) cannot be read</source>
        <translation>
            <numerusform>%n périphérique illisible</numerusform>
            <numerusform>%n périphériques illisibles</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n more device(s), not shown</source>
        <translation>
            <numerusform>%n autre périphérique, non affiché</numerusform>
            <numerusform>%n autres périphériques, non affichés</numerusform>
        </translation>
    </message>
    <message>
        <source>Smart card or security key</source>
        <translation>Carte à puce ou clé de sécurité</translation>
    </message>
    <message>
        <source>Serial port</source>
        <translation>Port série</translation>
    </message>
    <message>
        <source>Phone</source>
        <translation>Téléphone</translation>
    </message>
    <message>
        <source>Unmount it in %1 first</source>
        <translation>À démonter d’abord dans %1</translation>
    </message>
    <message>
        <source>ask first</source>
        <translation>demander d’abord</translation>
    </message>
    <message>
        <source>Attach to %1</source>
        <translation>Attacher à %1</translation>
    </message>
    <message>
        <source>Detach</source>
        <translation>Détacher</translation>
    </message>
    <message>
        <source>Stop waiting</source>
        <translation>Ne plus attendre</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>Réessayer</translation>
    </message>
    <message>
        <source>Dismiss</source>
        <translation>Masquer</translation>
    </message>
    <message>
        <source>Details…</source>
        <translation>Détails…</translation>
    </message>
    <message>
        <source>new</source>
        <extracomment>the mark of a device that was plugged in and not looked at yet</extracomment>
        <translation>nouveau</translation>
    </message>
</context>
</TS>
