"""Microdata: write the synthetic survey where a country has no delivered files.

Needs     config/ and resources/
Leaves    data/synthetic/..., in the delivered layout: one file for the countries that share one, otherwise one per country
"""

for delivery in PLAN.synthetic:

    rule:
        name:
            f"synthesise_{delivery.name}"
        input:
            again_if_stale("synthetic", children=delivery.files["children"]),
            resources=PLAN.resources,
        output:
            **delivery.files,
        log:
            delivery.log,
        wildcard_constraints:
            country=delivery.only,
        conda:
            "../../environment.yml"
        params:
            countries=delivery.countries,
        message:
            "synthetic survey: {output.children}"
        shell:
            "python -m disrupting_harm synthesise {params.countries} 2> {log}"
