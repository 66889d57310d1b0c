"""The configuration as it is, and everything that can be wrong with it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from disrupting_harm import config
from disrupting_harm.config.files.validation import RENAMED


def test_24_countries_of_two_phases(project):
    phases = [country.phase for country in project.countries.values()]
    assert (phases.count("phase_one"), phases.count("phase_two")) == (13, 11)
    assert all(country.data == "synthetic" for country in project.countries.values())


def test_settings_are_read_again_when_a_file_of_theirs_has_changed(copy):
    first = copy.load()
    assert copy.load() is first
    copy.edit(KEN, "name: Kenya", "name: Nairobi")
    assert copy.load().countries["ken"].name == "Nairobi"
    (copy.root / "config" / "countries" / "uga.yaml").unlink()
    assert "uga" not in copy.load().countries


@pytest.mark.slow
def test_the_workflow_can_import_it_cheaply(root):
    code = (
        "import sys; from disrupting_harm import config; config.load(); print({'pandas'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=root,
        env={"PYTHONPATH": "src"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "set()"


def test_root_is_found_from_below_and_missed_elsewhere(root, tmp_path):
    assert config.find_root(root / "config" / "countries") == root
    with pytest.raises(config.ConfigurationError, match="Run from inside the project's folder"):
        config.find_root(tmp_path)


KEN = "countries/ken.yaml"
ONE = "questionnaires/phase_one.yaml"
LINES = (Path(__file__).parents[2] / "config" / ONE).read_text(encoding="utf-8").splitlines()
LINE_OF_SEX = next(number for number, line in enumerate(LINES, 1) if "values: {1: boy, 2: girl}" in line)
BRA = "countries/bra.yaml"
BAD = {
    "unknown key": (
        KEN,
        "phase: phase_one",
        "phaze: phase_one",
        ["line 5: phaze is not a setting; did you mean phase?"],
    ),
    "unknown nested key": (
        KEN,
        "  internet_users_percent: 67.0",
        "  internet_users: 67.0",
        ["population.internet_users is not a setting; did you mean population.internet_users_percent?"],
    ),
    "missing key": (KEN, "region: Eastern and Southern Africa\n", "", ["region is missing"]),
    "wrong type": (
        KEN,
        "67.0",
        "most",
        ["line 19: population.internet_users_percent does not fit: it is a text, and should be: number"],
    ),
    "percentage as proportion is possible, above 100 is not": (
        KEN,
        "67.0",
        "670",
        ["less than or equal to 100"],
    ),
    "unknown phase": (
        KEN,
        "phase: phase_one",
        "phase: phase_onee",
        ["phase does not fit: it is one of 'phase_one', 'phase_two'; did you mean phase_one?"],
    ),
    "upper-case code": (KEN, "iso3: ken", "iso3: KEN", ["iso3 does not fit", "config/countries/ken.yaml"]),
    "file and code differ": (
        KEN,
        "iso3: ken",
        "iso3: kex",
        ["differs from the file's name", "Name the file kex.yaml."],
    ),
    "a key twice": (KEN, "code: 2", "code: 2\ncode: 3", ["line 11: code appears twice (first on line 10)"]),
    "no YAML": (
        KEN,
        "name: Kenya",
        "name: Kenya: yes",
        ["line 3: is not valid YAML", "mapping values are not allowed"],
    ),
    "a tab": (KEN, "  children: 1014", "\tchildren: 1014", ["is not valid YAML"]),
    "object from YAML": (
        KEN,
        "name: Kenya",
        "name: !!python/object/apply:os.getcwd []",
        ["config/countries/ken.yaml"],
    ),
    "country code that is no text": (
        KEN,
        "iso3: ken",
        "iso3: no",
        ["iso3 does not fit: it is true or false", "Write it in quotes."],
    ),
    "empty": (KEN, None, "", ["config/countries/ken.yaml\n  is empty"]),
    "a list": (KEN, None, "- ken\n- tza\n", ["holds no settings"]),
    "recursion": (KEN, None, "iso3: ken\nnotes: &a [*a]\n", ["too large or too deeply nested"]),
    "not UTF-8": (KEN, None, b"name: C\xf4te\n", ["is not encoded in UTF-8", "Save it as UTF-8"]),
    "unknown questionnaire": (
        KEN,
        "questionnaire: phase_one",
        "questionnaire: phase_oen",
        ["names no questionnaire: phase_oen; did you mean phase_one?"],
    ),
    "questionnaire of the other table": (
        KEN,
        "caregiver_questionnaire: caregivers_phase_one",
        "caregiver_questionnaire: phase_one",
        ["which is for the table children"],
    ),
    "unknown shared file": (
        KEN,
        "shared_file: phase_one",
        "shared_file: phase_on",
        ["names no shared file: phase_on; did you mean phase_one?"],
    ),
    "shared file without code": (KEN, "code: 2\n", "", ["needs shared_file and code together"]),
    "both places": (
        KEN,
        "code: 2\n",
        "code: 2\nmicrodata: {children: data/raw/ken.sav}\n",
        ["names both shared_file and microdata"],
    ),
    "a code of another country": (
        KEN,
        "code: 2",
        "code: 1",
        ["code is the same as in config/countries/eth.yaml"],
    ),
    "a name of another country": (
        KEN,
        "name: Kenya",
        "name: Uganda",
        ["name is the same as in config/countries/ken.yaml"],
    ),
    "unknown variable": (
        KEN,
        "code: 2\n",
        "code: 2\nvariables: {sexx: A2}\n",
        ["variables.sexx is not a variable of the codebook; did you mean sex?"],
    ),
    "unknown not asked": (
        KEN,
        "code: 2\n",
        "code: 2\nnot_asked: [self_ham]\n",
        ["names self_ham", "did you mean self_harm?"],
    ),
    "the weight not asked": (
        KEN,
        "code: 2\n",
        "code: 2\nnot_asked: [weight]\n",
        ["without which nothing can be estimated"],
    ),
    "not asked and mapped": (
        KEN,
        "code: 2\n",
        "code: 2\nnot_asked: [anxiety]\nvariables: {anxiety: X1}\n",
        ["which this file also maps"],
    ),
    "outside data": (
        "countries/bra.yaml",
        "survey:",
        "microdata: {children: ../secret/bra.sav}\nsurvey:",
        ["microdata.children is not below data/"],
    ),
    "an escape": (
        "countries/bra.yaml",
        "survey:",
        "microdata: {children: data/../../x.sav}\nsurvey:",
        ["is not below data/"],
    ),
    "a shared file outside data": (
        "config.yaml",
        "    # children: data/raw",
        "    children: /elsewhere/x",
        ["shared_files.phase_one.children is not below"],
    ),
    "ages the wrong way round": (
        "countries/zaf.yaml",
        "{ages: [12, 17]}",
        "{ages: [17, 12]}",
        ["first age above the last"],
    ),
    "unknown design choice": (
        KEN,
        "code: 2\n",
        "code: 2\ndesign: {singleton_psu: centre}\n",
        ["design.singleton_psu does not fit", "'fail'"],
    ),
    "a misspelt setting of a file": (
        BRA,
        "survey:",
        "microdata: {children: {file: data/raw/bra.csv, seperator: ','}}\nsurvey:",
        ["microdata.children.seperator is not a setting", "did you mean", "separator"],
    ),
    "an ending that nothing reads": (
        BRA,
        "survey:",
        "microdata:\n  children:\n    file: data/raw/bra.xlsm\nsurvey:",
        ["microdata.children.file is of a kind that cannot be read (.xlsm)", ".xlsx"],
    ),
    "settings for another format": (
        BRA,
        "survey:",
        "microdata:\n  children: {file: data/raw/bra.sav, separator: ';', sheet: One}\nsurvey:",
        [
            "microdata.children.separator does not belong here: the file is SPSS",
            "microdata.children.sheet does not belong here",
        ],
    ),
    "identical rows of a table that does not exist": (
        BRA,
        "survey:",
        "accept_identical_rows: [parents]\nsurvey:",
        ["accept_identical_rows", "children", "caregivers"],
    ),
    "no encoding": (
        BRA,
        "survey:",
        "microdata: {children: {file: data/raw/bra.csv, encoding: window-1252}}\nsurvey:",
        ["microdata.children.encoding is 'window-1252', which is no encoding; did you mean windows-1252?"],
    ),
    "another decimal sign": (
        BRA,
        "survey:",
        "microdata: {children: {file: data/raw/bra.csv, decimal: ;}}\nsurvey:",
        ["microdata.children.decimal does not fit"],
    ),
    "half a checksum": (
        BRA,
        "survey:",
        "microdata: {children: {file: data/raw/bra.csv, sha256: 3f2a}}\nsurvey:",
        ["microdata.children.sha256 does not fit"],
    ),
    "a shared file of another kind": (
        "config.yaml",
        "    # children: data/raw/DH_12Countries_110222.csv",
        "    children: {file: data/raw/dh.doc, sheet: One}",
        ["shared_files.phase_one.children.file is of a kind that cannot be read (.doc)"],
    ),
    "a stratum merged twice": (
        KEN,
        "code: 2\n",
        "code: 2\ndesign: {merge_strata: {north: [N1, N2], south: [N2]}}\n",
        ["design merges the stratum N2 twice"],
    ),
    "strata merged that nothing delivers": (
        KEN,
        "code: 2\n",
        "code: 2\ndesign: {merge_strata: {north: [N1, N2]}}\nnot_asked: [stratum]\n",
        ["design.merge_strata merges strata, but no column is mapped to stratum"],
    ),
    "a meaning that is none": (
        ONE,
        "find_columns: ending",
        "user_missing: missing\nfind_columns: ending",
        ["user_missing does not fit"],
    ),
    "mentions without a place for their number": (
        KEN,
        "code: 2\n",
        "code: 2\nvariables:\n  told_{form}: {columns: 'T_{form}', mentions: 3}\n",
        ["variables.told_{form}.columns has no {mention}"],
    ),
    "a code that holds the separator": (
        KEN,
        "code: 2\n",
        "code: 2\nvariables:\n  told_{form}: {column: 'T_{form}', separator: '/', options: {police/army: police}}\n",
        ["variables.told_{form}.options.police/army holds the separator '/'"],
    ),
    "an option that a list lacks": (
        KEN,
        "code: 2\n",
        "code: 2\nvariables:\n  told_{form}: {column: 'T_{form}', separator: '/', options: {1: polise}}\n",
        ["options.1 is 'polise'", "did you mean police?"],
    ),
    "settings of another layout": (
        KEN,
        "code: 2\n",
        "code: 2\nvariables:\n  told_{form}: {column: 'T_{form}', separator: '/', chosen: 1}\n",
        ["variables.told_{form}.chosen does not belong here", "`columns` with {mention} and `mentions`"],
    ),
    "a setting of several answers for one answer": (
        KEN,
        "code: 2\n",
        "code: 2\nvariables:\n  area: {chosen: 1, separator: ','}\n",
        ["variables.area.chosen does not belong here", "variables.area.separator does not belong here"],
    ),
    "a column that children and options share": (
        KEN,
        "code: 2\n",
        "code: 2\nvariables:\n  told_{form}: {columns: 'T{mention}', mentions: 2}\n",
        ["reads the column T1, which told_a reads already"],
    ),
    "column used twice": (
        ONE,
        "column: G17",
        "column: D1f",
        ["reads the column D1f, which can_report_harmful_content reads"],
    ),
    "value that the codebook lacks": (
        ONE,
        "values: {1: boy, 2: girl}",
        "values: {1: boy, 2: gril}",
        [f"line {LINE_OF_SEX}: variables.sex.values.2 is 'gril'", "did you mean girl?"],
    ),
    "option that the codebook lacks": (
        ONE,
        "2: social_media, 5",
        "2: social_medium, 5",
        ["options.2 is 'social_medium'", "did you mean social_media?"],
    ),
    "option named twice": (ONE, "5: online_game, 6", "5: in_person, 6", ["names in_person twice"]),
    "unquoted yes": (
        ONE,
        'values: &agrees {1: "yes", 0: "no"}',
        "values: &agrees {1: yes, 0: no}",
        ["write", "in quotes"],
    ),
    "unquoted no as a code": (
        ONE,
        '{1: "yes", 0: "no"}',
        '{1: "yes", no: "no"}',
        ["YAML reads it as true", "in quotes"],
    ),
    "unknown placeholder": (ONE, 'column: "{item}"', 'column: "{itme}"', ["{itme}", "did you mean item?"]),
    "placeholder without a form": (ONE, ", i: G4d}", "}", ["has no word for the form 'i'"]),
    "pattern without code": (ONE, "columns: G8_{code}_{item}", "columns: G8_{item}", ["has no {code}"]),
    "form that does not exist": (
        "questionnaires/phase_two.yaml",
        "[c, d, e, f, g, h, i]",
        "[c, d, e, f, g, h, z]",
        ["names the form 'z'"],
    ),
    "wrong kind": (
        ONE,
        "columns: G8_{code}_{item}",
        "column: G8_{item}",
        ["variables.place_{form} needs `separator`", "Write `columns` with {code}; or"],
    ),
    "special that is none": (ONE, "999: dont_know}", "999: unsure}", ["is not a special answer: unsure"]),
    "no column for the weight": (
        ONE,
        "  weight: wgt_scaled",
        "  # weight: wgt_scaled",
        ["maps no column to weight", "config/countries/ken.yaml"],
    ),
    "optional value that is none": (
        ONE,
        "    column: D1f",
        "    column: D1f\n    optional_values: [truish]",
        ["names 'truish', which is not a value"],
    ),
    "codebook variable without values": (
        "codebook.yaml",
        "    values: {girl: Girls, boy: Boys}\n",
        "",
        ["children.sex needs `values`"],
    ),
    "special answers of another kind": (
        "codebook.yaml",
        "  refused: Prefer not to say",
        "  declined: Prefer not to say",
        ["special must list exactly"],
    ),
    "no seed": ("config.yaml", "seed: 20260121\n", "", ["config/config.yaml\n  seed is missing"]),
    "impossible confidence": (
        "config.yaml",
        "confidence_level: 0.95",
        "confidence_level: 95",
        ["less than 1"],
    ),
}


OF_DESIGN = {"lone_psu"}
"""Renamed settings of a country's design; the others are limits of the suppression."""


@pytest.mark.parametrize(("old", "new"), RENAMED.items())
def test_a_renamed_setting_is_refused_with_its_new_name(copy, old, new):
    if old in OF_DESIGN:
        file, section = KEN, "design"
        copy.edit(KEN, "code: 2\n", f"code: 2\ndesign: {{{old}: adjust}}\n")
    else:
        file, section = "config.yaml", "suppression"
        copy.edit(file, f"  {new}: ", f"  {old}: ")
    with pytest.raises(config.ConfigurationError) as error:
        copy.load()
    (problem,) = error.value.problems
    written = (copy.root / "config" / file).read_text(encoding="utf-8").splitlines()
    line = next(number for number, text in enumerate(written, 1) if f"{old}:" in text)
    assert (problem.file, problem.line) == (f"config/{file}", line)
    assert problem.lines() == [
        f"  line {line}: {section}.{old} is no longer a setting",
        f"      It is now called `{new}`.",
    ]


@pytest.mark.parametrize("name", BAD)
def test_bad_configuration_is_told_with_file_key_and_way_out(copy, name):
    file, old, new, expected = BAD[name]
    if old is None:
        (copy.root / "config" / file).write_bytes(new if isinstance(new, bytes) else new.encode())
    else:
        copy.edit(file, old, new)
    report = copy.problems()
    for text in expected:
        assert text in report, report
    assert "Traceback" not in report


def test_a_country_file_with_an_anchor_bomb_is_refused(copy):
    bomb = "a: &a [x, x, x, x, x, x, x, x, x]\n"
    for before, after in zip("abcdefgh", "bcdefghi", strict=True):
        bomb += f"{after}: &{after} [{', '.join([f'*{before}'] * 9)}]\n"
    copy.add("countries/xaa.yaml", bomb)
    assert "too large or too deeply nested" in copy.problems()


def test_all_problems_of_all_files_stand_in_one_report(copy):
    copy.edit(KEN, "phase: phase_one", "phaze: phase_one").edit("countries/bra.yaml", "region:", "regoin:")
    copy.edit(ONE, "2: girl", "2: gril").edit("config.yaml", "0.95", "95")
    with pytest.raises(config.ConfigurationError) as caught:
        copy.load()
    files = {problem.file for problem in caught.value.problems}
    assert files == {
        "config/config.yaml",
        "config/countries/bra.yaml",
        "config/countries/ken.yaml",
        "config/questionnaires/phase_one.yaml",
    }
    assert str(caught.value).startswith("6 problems in the configuration; nothing was run.")


def test_missing_files_are_named(copy):
    (copy.root / "config" / "codebook.yaml").unlink()
    for path in (copy.root / "config" / "countries").iterdir():
        path.unlink()
    report = copy.problems()
    assert "config/codebook.yaml\n  is missing" in report
    assert "config/countries\n  holds no .yaml file" in report


def test_a_country_says_only_what_differs(copy):
    copy.add(KEN, "variables:\n  sex: {values: {1: girl, 2: boy}}\n  told_a: {chosen: 7}\n  area: Z1\n")
    variables = copy.load().countries["ken"].children.variables
    assert variables["sex"].column == "ECS_SELECTED_CH_GENDER"
    assert variables["sex"].values == {"1": "girl", "2": "boy"}
    assert variables["area"].column == "Z1"
    assert variables["area"].values == {"1": "urban", "2": "peri_urban", "3": "rural"}
    assert (variables["told_a"].chosen, variables["told_b"].chosen) == ("7", "1")


def test_a_country_may_have_another_layout_of_several_answers(copy):
    """The settings that belong to the questionnaire's layout give way; options stay."""
    setting = 'code: 2\nvariables:\n  told_{form}: {column: "T {form}", separator: "; "}\n'
    setting += '  barrier_{form}: {columns: "B{mention}_{form}", mentions: 3}\n  place_a: {chosen: filled}\n'
    copy.edit(ONE, "    columns: G13_{code}_{item}", "    columns: G13_{code}_{item}\n    chosen: 2")
    variables = copy.edit(KEN, "code: 2\n", setting).load().countries["ken"].children.variables
    mapped = variables["told_b"]
    assert (mapped.columns, mapped.separator, mapped.options, mapped.is_text) == (("T b",), "; ", {}, True)
    assert (mapped.listed["4"], mapped.listed["888"]) == ("sibling", "refused")
    assert variables["barrier_c"].columns == ("B1_c", "B2_c", "B3_c")
    assert variables["barrier_c"].listed["14"] == "other"
    assert variables["place_a"].chosen == "filled"
    assert variables["place_a"].options["G8_2_G1a"] == "social_media"


def test_a_country_asks_about_the_forms_of_its_questionnaire_unless_it_says_others(copy):
    setting = 'code: 2\nvariables:\n  platform_{form}: {columns: "P_{code}_{form}"FORMS}\n'
    copy.edit(KEN, "code: 2\n", setting.replace("FORMS", ""))
    platforms = [name for name in copy.load().countries["ken"].children.variables if "platform" in name]
    assert platforms == [f"platform_{form}" for form in "abcdefghi"]
    variables = (
        copy.edit(KEN, '_{form}"', '_{form}", forms: [a, i]').load().countries["ken"].children.variables
    )
    assert variables["platform_a"].columns[0] == "P_1_a"
    assert variables["platform_c"].columns[0] == "G8_1_1_G3b"


def test_not_asked_takes_a_whole_question_with_all_forms(copy):
    copy.add(KEN, 'not_asked: [anxiety, "platform_{form}", barrier_a]\n')
    variables = copy.load().countries["ken"].children.variables
    assert not {"anxiety", "platform_c", "platform_i", "barrier_a"} & set(variables)
    assert "barrier_b" in variables


def test_files_are_synthetic_until_a_path_is_named_in_one_place(copy):
    before = copy.load().countries
    assert before["ken"].children_file == "data/synthetic/SYNTHETIC_DH_12Countries.csv"
    assert before["bra"].children_file == "data/synthetic/bra/SYNTHETIC_bra_children.sav"
    assert before["zaf"].children_file == "data/synthetic/zaf/SYNTHETIC_zaf_children.csv"
    after = copy.edit("config.yaml", "    # children:", "    children:").load().countries
    delivered = {iso3 for iso3, country in after.items() if country.data == "delivered"}
    assert delivered == {"eth", "ken", "moz", "nam", "tza", "uga", "khm", "idn", "mys", "phl", "tha", "vnm"}
    assert after["ken"].children_file == "data/raw/DH_12Countries_110222.csv"
    assert after["ken"].caregivers is None  # delivered children are never joined by synthetic caregivers


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (
            "reversed_items: [low_mood_b]",
            "reversed_items: [low_mood_a]",
            "has low_mood_a in `reversed_items` and not in",
        ),
        ("mean: {number: life_ladder}", "mean: {number: sex}", "averages sex, which is no number"),
        (
            "mean: {number: life_ladder}",
            "mean: {number: life_lader}",
            "asks for life_lader, which the codebook lacks",
        ),
        ("mean: {number: life_ladder}", "mean: {}", "needs one of `scale`, `number` and `count_forms`"),
        ("low: 2, high: 4, of", "low: 5, high: 4, of", "has a `low` above its `high`"),
    ],
)
def test_what_is_averaged_and_quoted_makes_sense(copy, old, new, words):
    assert words in copy.edit("indicators.yaml", old, new).problems()


def test_a_variable_that_nobody_maps_is_a_slip_of_the_registry(copy):
    """What some country maps is "not asked" elsewhere; what none maps, for no form, is told with what needs it."""
    for questionnaire in ("phase_one", "phase_two"):
        copy.edit(f"questionnaires/{questionnaire}.yaml", "  suicidal_thoughts:", "  # suicidal_thoughts:")
    with pytest.raises(config.ConfigurationError) as caught:
        copy.load()
    problems = [problem for problem in caught.value.problems if problem.file == "config/indicators.yaml"]
    assert [problem.key for problem in problems] == ["indicators.self_harm_or_suicidal_thoughts"]
    assert problems[0].what == "needs suicidal_thoughts, which no questionnaire and no country maps"
    assert (
        "also needed by indicators.suicidal_thoughts_or_acts, indicators.suicidal_thoughts"
        in problems[0].hint
    )
    assert problems[0].line > 0
    copy.add(KEN, "variables: {suicidal_thoughts: {column: X, values: {1: 'yes', 2: 'no'}}}\n").load()


def test_a_country_with_files_of_its_own(copy):
    copy.edit("countries/bra.yaml", "survey:", "microdata: {children: data/raw/bra/ch.sav}\nsurvey:")
    country = copy.load().countries["bra"]
    assert (country.data, country.children_file, country.caregivers_file) == (
        "delivered",
        "data/raw/bra/ch.sav",
        None,
    )


def test_digests_tell_whose_results_change(copy):
    before = copy.load()
    copy.edit(KEN, "67.0", "66.0")
    after = copy.load()
    assert before.harmonise_digest("ken") == after.harmonise_digest("ken")
    assert before.country_digest("ken") != after.country_digest("ken")
    assert before.country_digest("uga") == after.country_digest("uga")
    assert before.synthetic_digest(before.sharing("phase_one")) == after.synthetic_digest(
        after.sharing("phase_one")
    )
    copy.add(KEN, "variables: {area: Z1}\n")
    last = copy.load()
    assert after.harmonise_digest("ken") != last.harmonise_digest("ken")
    assert after.harmonise_digest("uga") == last.harmonise_digest("uga")


def test_settings_cannot_be_changed_after_loading(project):
    with pytest.raises(ValueError, match="frozen"):
        project.countries["ken"].name = "Elsewhere"


def test_published_figures_in_country_files(project, root):
    """Population, internet users and sample sizes are as in resources/published/countries.csv; unknown stays so."""
    import csv

    with (root / "resources/published/countries.csv").open(encoding="utf-8") as stream:
        published = {row["iso3"].lower(): row for row in csv.DictReader(stream)}
    assert set(published) - set(project.countries) == {"mex"}
    for iso3, country in project.countries.items():
        row = published[iso3]
        assert (country.name, country.region) == (row["name"], row["region"])
        assert country.phase == {"1": "phase_one", "2": "phase_two"}[row["phase"]]
        assert str(country.population.children_12_17 or "") == row["child_population_12_17"]
        assert str(country.population.internet_users_percent or "") == row["internet_users_percent"]
        assert str(country.survey.children or "") == row["survey_n_children"]
        assert country.survey.source, "every country says where its figures are from"
