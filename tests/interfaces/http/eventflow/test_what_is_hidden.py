"""What a customer could learn of tasks that are still to do from the drawing of a workflow."""

from uuid import uuid4

from tests.support.eventflow import made, ok


async def an_instance(wedding, *nodes, edges=()):
    drawn = [
        {"id": node, "title": title, "taskTypeId": wedding.kinds["Catering"]}
        for node, title in nodes
    ]
    body = {"name": uuid4().hex, "nodes": drawn, "edges": edges}
    template = await made(wedding.manager, "/api/workflow-templates", body)
    start = {"templateId": template, "eventId": wedding.event}
    return await made(wedding.manager, "/api/workflows/instantiate", start)


async def graph_of(client, instance):
    return ok(await client.get(f"/api/workflow-instances/{instance}/graph"))


async def test_the_plan_does_not_count_what_is_still_to_do(wedding):
    instance = await an_instance(
        wedding, ("menu", "Menu"), ("serve", "Serve"), edges=[{"parent": "menu", "child": "serve"}]
    )
    whole = await graph_of(wedding.manager, instance)
    shown = await graph_of(wedding.customer, instance)
    assert (whole["totalMinutes"], whole["remainingMinutes"]) == (480, 480)
    assert [each["id"] for each in shown["nodes"]] == ["serve"]
    assert (shown["totalMinutes"], shown["remainingMinutes"]) == (240, 240)
    assert (shown["nodes"][0]["earliestStart"], shown["criticalPath"]) == (0, ["serve"])


async def test_of_a_workflow_nothing_of_which_is_begun_nothing_is_drawn(wedding):
    instance = await an_instance(wedding, ("menu", "Menu"))
    shown = await graph_of(wedding.customer, instance)
    assert (shown["nodes"], shown["totalMinutes"], shown["criticalPath"]) == ([], 0, [])
    assert shown["instance"]["progress"]["total"] == 0
    picture = await wedding.customer.get(
        f"/api/workflow-instances/{instance}/graph", params={"format": "svg"}
    )
    assert picture.status_code == 200
    assert "Menu" not in picture.text


async def test_a_workflow_of_which_all_that_is_shown_is_over_is_over_to_a_customer(wedding):
    """Or the filter would tell that something is still to do."""
    instance = await an_instance(wedding, ("menu", "Menu"), ("cake", "Cake"))
    (menu, _) = (await graph_of(wedding.manager, instance))["nodes"]
    await wedding.moved(menu["taskId"], "IN_PROGRESS", "DONE")

    async def found(client, over):
        params = {"over": over, "pageSize": 200}
        page = ok(await client.get("/api/workflow-instances", params=params))
        return instance in [each["id"] for each in page["items"]]

    assert [await found(wedding.customer, over) for over in (True, False)] == [True, False]
    assert [await found(wedding.manager, over) for over in (True, False)] == [False, True]
