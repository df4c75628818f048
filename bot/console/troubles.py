"""What goes wrong on the stage, and what cannot be done there, in three languages; the Tajik is a draft."""

TROUBLES = {
    # key: Tajik, Russian, English; what the event log says of a fault
    "fault": ("Нокомӣ", "Сбой", "Fault"),
    "fault_duplicate_known": (
        "паёми охирин боз омад: он маълум аст, дубора иҷро нашуд",
        "последнее обновление пришло ещё раз: оно известно, второй раз не обработано",
        "the latest update came once more: it is known, and was not played again",
    ),
    "fault_duplicate_played": (
        "паёми охирин боз омад ва дубора иҷро шуд",
        "последнее обновление пришло ещё раз и обработано ещё раз",
        "the latest update came once more, and was played again",
    ),
    "fault_held": (
        "паём дар роҳ монд: паёми дигар аз он пеш мегузарад",
        "обновление задержалось: следующее его обгонит",
        "an update is held back: the next one will overtake it",
    ),
    "fault_late": (
        "паёме, ки дар роҳ монда буд, акнун меояд",
        "задержанное обновление приходит только теперь",
        "the update that was held back comes only now",
    ),
    "fault_rate": (
        "429: паёмрасон 30 сония сукут мехоҳад",
        "429: мессенджер просит 30 секунд тишины",
        "429: the messenger asks for 30 seconds of silence",
    ),
    "fault_lost answer": (
        "паём расид, вале тасдиқаш гум шуд",
        "сообщение дошло, но подтверждение потерялось",
        "a message arrived, but its confirmation was lost",
    ),
    "fault_locked": (
        "база баста аст: паём тасдиқ нашуд ва боз меояд",
        "база занята: обновление не подтверждено и придёт ещё раз",
        "the database is locked: the update is not confirmed, and will come again",
    ),
    "fault_again": (
        "паёмрасон паёми тасдиқнашударо боз меорад",
        "мессенджер приносит неподтверждённое обновление ещё раз",
        "the messenger brings the unconfirmed update again",
    ),
    "fault_crash": (
        "барнома афтид, боз хест ва аз база давом медиҳад",
        "программа упала, поднялась и продолжает с того, что в базе",
        "the program fell, got up and goes on from its database",
    ),
    "fault_outage": (
        "барнома ду рӯз хомӯш буд ва боз омад",
        "программы не было два дня, теперь она вернулась",
        "the program was away for two days and is back",
    ),
    # why it did not work
    "cannot_nobody": (
        "дар саҳна касе бо номи «{name}» нест",
        "на сцене нет никого по имени «{name}»",
        "nobody on the stage is called «{name}»",
    ),
    "cannot_empty": (
        "чизе барои фиристодан нест: аввал нависед",
        "нечего отправлять: сначала напишите",
        "there is nothing to send: write something first",
    ),
    "cannot_button": (
        "{who}: тугмаи [{button}] нест; инҳо ҳастанд: {seen}",
        "{who}: кнопки [{button}] нет; есть: {seen}",
        "{who} sees no button [{button}]; there are: {seen}",
    ),
    "cannot_edit": (
        "{who} ҳанӯз чизе нанавиштааст, ки иваз шавад",
        "{who}: ещё ничего не написано, менять нечего",
        "{who} has written nothing yet that could be changed",
    ),
    "cannot_reply": (
        "паёме нест, ки ба он ҷавоб диҳед",
        "нет сообщения, на которое можно ответить",
        "there is no message to reply to",
    ),
    "cannot_off": (
        "{who}: телефон хомӯш аст, аввал онро даргиронед",
        "{who}: телефон выключен, сначала включите его",
        "{who}: the phone is off, switch it on first",
    ),
    "cannot_block": (
        "{who}: бот баста аст, аввал онро кушоед",
        "{who}: бот заблокирован, сначала разблокируйте его",
        "{who}: the bot is blocked, unblock it first",
    ),
    "cannot_group_channel": (
        "гурӯҳ танҳо дар Telegram аст",
        "группа бывает только в Telegram",
        "a group is on Telegram alone",
    ),
    "cannot_wait": (
        "ҳеҷ чиз интизор нест: вақт гузашта метавонад, вале худ аз худ чизе намешавад",
        "ничего не ждёт: время может идти, но само ничего не случится",
        "nothing waits: time can pass, but nothing will happen by itself",
    ),
    "cannot_repeat": (
        "ҳанӯз чизе нанавиштаанд, ки дубора ояд",
        "ещё никто ничего не написал: повторять нечего",
        "nobody has written yet: there is nothing that could come twice",
    ),
    "cannot_invite": (
        "даъватнома ба одами рӯи саҳна нишон дода мешавад",
        "приглашение показывают человеку на сцене",
        "an invitation is shown to a person on the stage",
    ),
    "cannot_prepare": (
        "кормандон дар оғози машқ омода мешаванд: аввал «Аз нав»-ро пахш кунед",
        "команда готовится в начале прогона: сначала нажмите «Начать заново»",
        "the team gets ready at the beginning of a run: reset first",
    ),
    "cannot_link": (
        "ин пайванд пурра нест: онро аз нав пурсед ё файли машқро гиред",
        "эта ссылка неполная: попросите её ещё раз или возьмите файл прогона",
        "this link is not whole: ask for it again, or for the file of the run",
    ),
    "cannot_coverage": (
        "дар ин ҷо, дар {place}, машқи нигоҳдошта нест",
        "здесь, в {place}, нет сохранённых прогонов",
        "there are no journeys here, in {place}",
    ),
    "cannot_save_here": (
        "дар ин ҷо {place} нест; ба ҷояш файли rehearsal.yaml-ро гиред",
        "здесь нет {place}; возьмите вместо этого файл rehearsal.yaml",
        "there is no {place} here; take the file rehearsal.yaml instead",
    ),
    "cannot_save_twice": (
        "{place} аллакай ҳаст: номи дигар интихоб кунед",
        "{place} уже есть: выберите другое название",
        "{place} is already there: choose another name",
    ),
    "cannot_role": (
        "вазифаи «{role}» нест; инҳо ҳастанд: {known}",
        "роли «{role}» нет; есть: {known}",
        "there is no role «{role}»; there are: {known}",
    ),
    "cannot_verb": (
        "«{verb}» дар ин ҷо кардан мумкин нест",
        "«{verb}» здесь сделать нельзя",
        "«{verb}» is nothing that can be done here",
    ),
    "cannot_database": (
        "ҳоло ба база роҳ нест: каме дертар боз кӯшиш кунед",
        "база сейчас недоступна: попробуйте чуть позже",
        "the database cannot be reached now: try again in a moment",
    ),
}
