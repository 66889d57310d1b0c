"""Insights: one notebook for each country and insight, executed, rendered, and its estimates beside it.

Needs     data/harmonised/{country}/, with what may be shown of it, results/{country}/data_quality.csv and
          notebooks/{insight}.ipynb
Leaves    results/{country}/{insight}.ipynb, .html and .csv, whose numbers are rounded; the same estimates in full
          precision in data/estimates/; failed notebooks stay in data/failed/, and so do those that show
          anything but findings
"""


rule insight:
    """Run one insight's notebook for one country and render its page."""
    input:
        again_if_stale("insight"),
        notebook="notebooks/{insight}.ipynb",
        children="data/harmonised/{country}/children.parquet",
        caregivers="data/harmonised/{country}/caregivers.parquet",
        suppression="data/harmonised/{country}/suppression.parquet",
        quality="results/{country}/data_quality.csv",
    output:
        notebook="results/{country}/{insight}.ipynb",
        page="results/{country}/{insight}.html",
        table="results/{country}/{insight}.csv",
        estimates="data/estimates/{country}/{insight}.csv",
    log:
        "logs/insights/{country}/{insight}.log",
    wildcard_constraints:
        insight="|".join(INSIGHTS),
    conda:
        "../../environment.yml"
    message:
        "{wildcards.country}: {wildcards.insight}"
    shell:
        "python -m disrupting_harm insight {wildcards.country} {wildcards.insight}"
        " --notebook {input.notebook} --children {input.children} --caregivers {input.caregivers}"
        " --executed {output.notebook} --page {output.page} --table {output.table} 2> {log}"
