"""Microdata: write the synthetic survey where a country has no delivered files.

Needs     config/ and resources/
Leaves    data/synthetic/..., in the delivered layout: one file for the countries that share one, else one a country
"""

for file in PLAN.synthetic:

    rule:
        name:
            f"synthesise_{file.name}"
        input:
            library=PLAN.library("synthetic"),
            resources=PLAN.resources,
        output:
            children=file.children,
            caregivers=file.caregivers,
        log:
            file.log,
        conda:
            "../../environment.yml"
        params:
            countries=file.countries,
            settings=file.settings,
        message:
            "synthetic survey: {output.children}"
        shell:
            "python -m disrupting_harm synthesise {params.countries}"
            " --children {output.children} --caregivers {output.caregivers} 2> {log}"
