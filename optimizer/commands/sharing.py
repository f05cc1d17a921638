"""The command about who pays what: alliance."""

from pathlib import Path
from typing import Annotated

import typer

from optimizer import scenario
from optimizer.alliance.member_view import member_view
from optimizer.commands.alliance_progress import alliance_progress
from optimizer.commands.alliance_words import print_alliance, print_member_view, print_plans, print_what_if
from optimizer.commands.options import AsJson, Edits, ScenarioFile
from optimizer.errors import Fault, InputError
from optimizer.report.command import err, guarded, listed, out, show
from optimizer.report.progress import interruptible
from optimizer.scenario.instance import Instance
from optimizer.study.alliance import AllianceStudy, study_alliance
from optimizer.study.alliance_plans import compare_alliances, plans_to_compare
from optimizer.study.coalitions import Costing
from optimizer.study.questions import Questions, answers
from optimizer.study.wishes import parse_wishes

app = typer.Typer()

WISHES, QUESTIONS, COSTING = "What members agreed or ask for", "What if", "How coalitions are costed"


def many(help_text: str, panel: str = WISHES, metavar: str = "MEMBER=AMOUNT") -> typer.models.OptionInfo:
    """Return an option that may be repeated."""
    option: typer.models.OptionInfo = typer.Option(help=help_text, rich_help_panel=panel, metavar=metavar)
    return option


@app.command()
@guarded
def alliance(
    path: ScenarioFile,
    rule: Annotated[list[str] | None, typer.Option(help="Allocation rule; repeat; default all.")] = None,
    edit: Edits = None,
    for_member: Annotated[
        str, typer.Option("--for", metavar="MEMBER", help="Only what this member may see.")
    ] = "",
    compare: Annotated[
        list[str] | None,
        typer.Option(metavar="FILE|EDIT", help="Rank the plan of another scenario, or edit, too; repeat."),
    ] = None,
    as_json: AsJson = False,
    weight: Annotated[list[str] | None, many("Bargaining weight; adds the weighted rules.")] = None,
    cap: Annotated[list[str] | None, many("Most that a member is to pay.")] = None,
    floor: Annotated[list[str] | None, many("Least that a member is to pay.")] = None,
    veto: Annotated[list[str] | None, many("Site that nobody may use.", metavar="SITE")] = None,
    exclude: Annotated[
        list[str] | None, many("Site that one member may not use.", metavar="MEMBER@SITE")
    ] = None,
    leaves: Annotated[str, many("It leaves: who pays what, exit fee, new plan.", QUESTIONS, "MEMBER")] = "",
    joins: Annotated[str, many("It joins the others: who pays what, entry fee.", QUESTIONS, "MEMBER")] = "",
    partners: Annotated[str, many("With whom it would save most.", QUESTIONS, "MEMBER")] = "",
    merge: Annotated[str, many("Two alliances apart and as one.", QUESTIONS, "A,B + C,D")] = "",
    shortlist: Annotated[str, many("Which of these should join the others.", QUESTIONS, "A,B,C")] = "",
    gap: Annotated[
        float | None, typer.Option(help="Gap of each solve.", min=0, rich_help_panel=COSTING)
    ] = None,
    time_limit: Annotated[
        float | None, typer.Option(help="Seconds for each solve.", min=0, rich_help_panel=COSTING)
    ] = None,
    threads: Annotated[
        int | None, typer.Option(help="Threads of each solve.", min=1, rich_help_panel=COSTING)
    ] = None,
    jobs: Annotated[
        int | None,
        typer.Option(
            help="Coalitions at a time; default: the scenario's threads.", min=1, rich_help_panel=COSTING
        ),
    ] = None,
    scheduler: Annotated[
        str, typer.Option(help="Dask cluster, as tcp://host:8786.", metavar="URL", rich_help_panel=COSTING)
    ] = "",
    keep: Annotated[
        Path | None,
        typer.Option(
            help="Folder that keeps costs; asked again, nothing is solved twice.", rich_help_panel=COSTING
        ),
    ] = None,
) -> None:
    """Say whether sharing is worth it, who pays what by each rule, and whether it holds.

    Example: entrepot alliance scenarios/quickstart.toml --rule shapley --rule nucleolus

    Example: entrepot alliance scenarios/quickstart.toml --keep costs --leaves brightwear
    """
    questions = Questions(leaves, joins, partners, merge, tuple(listed(shortlist)))
    if for_member and (compare or questions.asked):
        rule_text = "shows a member's own figures; comparisons and questions show those of others."
        raise InputError([Fault("--for", for_member, rule_text, "Ask for one or the other.")])

    def study(instance: Instance, folder: Path | None) -> AllianceStudy:
        wishes = parse_wishes(
            instance.members, weight or (), cap or (), floor or (), veto or (), exclude or ()
        )
        with alliance_progress(err, instance.name) as update, interruptible() as stop:
            costing = Costing(gap, time_limit, threads, jobs, scheduler, folder, update, stop)
            return study_alliance(instance, rule, wishes, costing)

    if compare:
        plans, edits = plans_to_compare(path, edit or (), compare)
        places = {name: keep and (keep / f"plan-{k}" if k else keep) for k, name in enumerate(plans)}
        compared = compare_alliances(plans, edits, lambda name, one: study(one, places[name]))
        show(compared.as_json()) if as_json else print_plans(out, compared)
        return
    instance = scenario.load(path, edit or ())
    questions.check(instance.members)
    if for_member and for_member not in instance.members:
        known = f"Known: {', '.join(instance.members)}."
        raise InputError([Fault("--for", for_member, "is no member.", known)])
    done = study(instance, keep)
    if for_member:
        view = member_view(done.result, for_member)
        show(view) if as_json else print_member_view(out, view, instance.currency)
        return
    answered = answers(done, questions)
    if as_json:
        show(done.result.to_json() | ({"what_if": answered.as_json()} if questions.asked else {}))
    else:
        print_alliance(out, done.result, instance.currency)
        print_what_if(out, answered, instance.currency)
